using System.Globalization;
using System.Text;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Evaluation.Joins;
using SeverityEngine.Evaluation.Tables;

namespace SeverityEngine.Evaluation.Calibration;

/// <summary>What a model says of an image, before it is held against readers.</summary>
/// <param name="GeographicExtent">Raw geographic extent.</param>
/// <param name="Opacity">Raw opacity.</param>
/// <param name="Sha256">The hash of the image's content; null where it is not known.</param>
/// <param name="Features">The model's features; null where they are not known.</param>
sealed record ModelScores(double GeographicExtent, double Opacity, string? Sha256, float[]? Features)
{
    /// <summary>A raw score.</summary>
    public double Raw(ScoreKind kind) => kind == ScoreKind.GeographicExtent ? GeographicExtent : Opacity;

    /// <summary>What a row of results says.</summary>
    /// <param name="row">The row.</param>
    /// <param name="features">The model's features of the image; null where they are not known.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: it lacks a raw score.</exception>
    public static ModelScores Of(ResultRow row, float[]? features)
    {
        return new ModelScores(Raw(ScoreKind.GeographicExtent), Raw(ScoreKind.Opacity), row.Text(RowSchema.Sha256.Name), features);

        double Raw(ScoreKind kind) => row.Table.Number(row.Row, row.Table.IndexOf($"{kind.Key}_raw")) ?? throw row.Table.Fault(row.Row,
            $"it has no '{kind.Key}_raw', which a refit is of; name rows that 'severity predict -o' wrote, or the images");
    }
}

/// <summary>The images that a model and readers scored, in the order of their names: what a calibration learns from.</summary>
sealed class CalibrationData
{
    readonly (ReaderImage Readers, ModelScores Model)[] _images;

    CalibrationData((ReaderImage Readers, ModelScores Model)[] images, bool hasPatients)
    {
        foreach ((ReaderImage readers, ModelScores model) in images)
        {
            if (!ScoreKinds.All.All(kind => double.IsFinite(model.Raw(kind))) || model.Features?.All(float.IsFinite) == false)
            {
                throw new SeverityException(SeverityError.InvalidArgument,
                    $"{readers.Name}: the model gives scores or features that are not finite; check the model");
            }
        }
        _images = images;
        HasPatients = hasPatients;
        HasFeatures = images.Length > 0 && images.All(i => i.Model.Features is not null);
    }

    /// <summary>How many images there are.</summary>
    public int Count => _images.Length;

    /// <summary>Whether the readers' file says whose the images are.</summary>
    public bool HasPatients { get; }

    /// <summary>Images of which the readers' file, though it has patients, says none: each counts as a patient of its own.</summary>
    public int WithoutPatient => HasPatients ? _images.Count(i => i.Readers.Patient is null) : 0;

    /// <summary>Of how many patients the images are, or images of equal content where the file names no patients.</summary>
    public int Groups => _images.Select(GroupOf).Distinct(StringComparer.Ordinal).Count();

    /// <summary>Whether the model's features are known.</summary>
    public bool HasFeatures { get; }

    /// <summary>What was joined and has scores on both sides.</summary>
    /// <param name="joined">The readers' file, and one series of rows.</param>
    /// <param name="hasPatients">Whether the readers' file has a column of patients.</param>
    /// <param name="output">What the model says in a row.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: that is not finite.</exception>
    public static CalibrationData Of(ReaderJoin joined, bool hasPatients, Func<ResultRow, ModelScores> output) => new(
        [
            .. from image in joined.Images.OrderBy(i => i.Readers.Name, StringComparer.Ordinal)
               let row = image.Rows[0]
               where row is { Error: null } && ScoreKinds.All.Any(kind => image.Readers.Mean(kind) is not null)
               select (image.Readers, output(row)),
        ],
        hasPatients);

    /// <summary>The images that readers gave a score.</summary>
    public CalibrationSample SampleOf(ScoreKind kind)
    {
        (ReaderImage Readers, ModelScores Model)[] scored = [.. _images.Where(i => i.Readers.Mean(kind) is not null)];
        return new CalibrationSample([.. scored.Select(i => i.Model.Raw(kind))], [.. scored.Select(i => i.Readers.Mean(kind)!.Value)],
            [.. scored.Select(GroupOf)], HasFeatures ? [.. scored.Select(i => i.Model.Features!)] : null);
    }

    /// <summary>
    /// The SHA-256 of what is learnt from: a line for each image, with its name, patient, raw scores and readers' scores.
    /// </summary>
    public string Sha256()
    {
        StringBuilder lines = new();
        foreach ((ReaderImage readers, ModelScores model) in _images)
        {
            lines.Append(readers.Name).Append('\t').Append(readers.Patient);
            IEnumerable<double?> raw = ScoreKinds.All.Select(kind => (double?)model.Raw(kind));
            foreach (double? value in raw.Concat(ScoreKinds.All.Select(readers.Mean)))
                lines.Append('\t').Append(value?.ToString("R", CultureInfo.InvariantCulture));
            lines.Append('\n');
        }
        return ContentHash.Sha256(Encoding.UTF8.GetBytes(lines.ToString()));
    }

    /// <summary>Whose an image is. Where that is not known, files of equal content are one image.</summary>
    static string GroupOf((ReaderImage Readers, ModelScores Model) image) =>
        image.Readers.Patient is { } patient ? $"patient {patient}" : $"image {image.Model.Sha256 ?? image.Readers.Name}";
}
