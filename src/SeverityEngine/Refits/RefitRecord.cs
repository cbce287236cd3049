using SeverityEngine.Quality;

namespace SeverityEngine.Refits;

/// <summary>
/// What a model's scores were made to agree with, <c>severity.refit</c> in its metadata: on how many images, how, and how well that does on
/// images that it was not fitted to.
/// </summary>
sealed record RefitRecord
{
    const int Version = 1;

    /// <summary>How many images it was fitted to.</summary>
    public required int Images { get; init; }

    /// <summary>Of how many patients; null where that is not known.</summary>
    public int? Patients { get; init; }

    /// <summary>Into how many parts the images were divided for the figures, each tried on what the others gave.</summary>
    public required int Folds { get; init; }

    /// <summary>The SHA-256 of the images' names, patients, raw scores and readers' scores, as 64 hexadecimal digits.</summary>
    public required string DataSha256 { get; init; }

    /// <summary>What became of geographic extent.</summary>
    public required RefitOutcome GeographicExtent { get; init; }

    /// <summary>What became of opacity.</summary>
    public required RefitOutcome Opacity { get; init; }

    /// <summary>Reads what the metadata have under <see cref="ModelContract.RefitKey"/>.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelContract"/>: it cannot be read. The message names the key.
    /// </exception>
    public static RefitRecord Read(string text)
    {
        RefitJson json = QualityJson.Read(text, ModelContract.RefitKey, RefitJson.Of);
        QualityJson.Check(
            json.Version == Version, ModelContract.RefitKey, $"its version is {json.Version}, and this engine reads {Version}");
        return new RefitRecord
        {
            Images = json.Images,
            Patients = json.Patients,
            Folds = json.Folds,
            DataSha256 = json.DataSha256,
            GeographicExtent = json.GeographicExtent.ToOutcome(),
            Opacity = json.Opacity.ToOutcome(),
        };
    }

    /// <summary>The text for the metadata.</summary>
    public string Write() => QualityJson.Write(
        new RefitJson
        {
            Version = Version,
            Images = Images,
            Patients = Patients,
            Folds = Folds,
            DataSha256 = DataSha256,
            GeographicExtent = RefitOutcomeJson.Of(GeographicExtent),
            Opacity = RefitOutcomeJson.Of(Opacity),
        },
        QualityJson.Default.RefitJson);
}

/// <summary>What became of one score.</summary>
/// <param name="Method">How it was refitted.</param>
/// <param name="Mae">The mean absolute error on images that it was not fitted to; null for a score that no reader gave.</param>
/// <param name="MaeAsIs">The same of the score as it was.</param>
readonly record struct RefitOutcome(RefitMethod Method, double? Mae, double? MaeAsIs);
