using System.Globalization;
using SeverityEngine.Evaluation;
using SeverityEngine.Evaluation.Calibration;
using SeverityEngine.Models.Heads;
using SeverityEngine.Onnx;
using SeverityEngine.Quality;
using SeverityEngine.Refits;

namespace SeverityEngine.Cli.Calibrate;

/// <summary>What a calibration found for both scores, and the model that comes of it.</summary>
/// <param name="Data">What was learnt from.</param>
/// <param name="GeographicExtent">Geographic extent; null where readers scored too few images.</param>
/// <param name="Opacity">Opacity; likewise.</param>
sealed record CalibrationOutcome(CalibrationData Data, ScoreCalibration? GeographicExtent, ScoreCalibration? Opacity)
{
    /// <summary>Those of the built-in model.</summary>
    static readonly double[] s_levels = [0.8, 0.9, 0.95];

    /// <summary>Into how many parts the images were divided.</summary>
    public int Folds => (GeographicExtent ?? Opacity)!.Parts;

    /// <summary>Whether neither score becomes another.</summary>
    public bool ChangesNothing => !Changes(GeographicExtent) && !Changes(Opacity);

    /// <summary>Compares the ways in which both scores can be refitted.</summary>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static CalibrationOutcome Of(CalibrationData data, bool mustRefit, IProgress<double> progress, CancellationToken cancellation)
    {
        ScoreCalibration?[] found = [.. ScoreKinds.All.Select((kind, i) =>
        {
            CalibrationSample sample = data.SampleOf(kind);
            return IsEnough(sample)
                ? ScoreCalibration.Of(sample, kind.Range, mustRefit, new Share(progress, i, ScoreKinds.All.Count), cancellation) : null;
        })];
        return new CalibrationOutcome(data, found[0], found[1]);
    }

    /// <summary>Whether a score's images can be learnt from.</summary>
    public static bool IsEnough(CalibrationSample sample) => sample.Count >= ScoreCalibration.FewestImages
        && sample.Groups.Distinct(StringComparer.Ordinal).Count() >= ScoreCalibration.FewestGroups;

    /// <summary>What was found for a score.</summary>
    public ScoreCalibration? Of(ScoreKind kind) => kind == ScoreKind.GeographicExtent ? GeographicExtent : Opacity;

    /// <summary>The intervals that hold for the new scores; null where a score has too few images for any.</summary>
    public PredictionIntervals? Intervals()
    {
        if (GeographicExtent is null || Opacity is null)
            return null;
        (double Level, double Extent, double Opacity)[] widths =
        [
            .. from level in s_levels
               let extent = GeographicExtent.HalfWidth(level)
               let opacity = Opacity.HalfWidth(level)
               where extent is not null && opacity is not null
               select (level, extent.Value, opacity.Value),
        ];
        return widths.Length == 0 ? null : new PredictionIntervals
        {
            Method = $"split conformal, on the absolute errors of a {Folds}-fold cross-validation",
            Images = Data.Count,
            Patients = Data.HasPatients ? Data.Groups : null,
            Levels = [.. widths.Select(w => w.Level)],
            GeographicExtent = [.. widths.Select(w => w.Extent)],
            Opacity = [.. widths.Select(w => w.Opacity)],
        };
    }

    /// <summary>Changes a model's graph and metadata accordingly.</summary>
    public void WriteTo(OnnxModel model, ModelFile file, string name)
    {
        ScoreRewrite.Apply(model, file.Source, RefitOf(GeographicExtent), RefitOf(Opacity));
        DerivedModel.Name(model, file, name);
        if (Intervals() is { } intervals)
            model.Metadata[ModelContract.IntervalsKey] = intervals.Write();
        model.Metadata[ModelContract.RefitKey] = new RefitRecord
        {
            Images = Data.Count,
            Patients = Data.HasPatients ? Data.Groups : null,
            Folds = Folds,
            DataSha256 = Data.Sha256(),
            GeographicExtent = Record(GeographicExtent),
            Opacity = Record(Opacity),
        }.Write();
    }

    /// <summary>What is said of the model that is written.</summary>
    public IEnumerable<string> Lines()
    {
        foreach (ScoreKind kind in ScoreKinds.All)
        {
            yield return Of(kind) is { } found ? CalibrationTable.Outcome(kind, found)
                : $"{kind.Title}: stays as it is, since readers scored too few images";
        }
        if (Intervals() is not { } intervals)
        {
            yield return "no intervals, which take readers' scores of both kinds";
            yield break;
        }
        yield return $"intervals at {Percent(intervals.Levels)}: geographic extent {Widths(intervals.GeographicExtent)}; "
            + $"opacity {Widths(intervals.Opacity)}";
        double[] lacking = [.. s_levels.Except(intervals.Levels)];
        if (lacking.Length > 0)
            yield return $"no intervals at {Percent(lacking)}, which take more images";
    }

    static bool Changes(ScoreCalibration? found) => found is { Chosen.Method: not RefitMethod.AsIs };

    static ScoreRefit RefitOf(ScoreCalibration? found) => found?.Refit ?? AffineRefit.None;

    static RefitOutcome Record(ScoreCalibration? found) =>
        found is null ? default : new RefitOutcome(found.Chosen.Method, found.Chosen.Figures.Mae, found.AsIs.Figures.Mae);

    static string Percent(IReadOnlyList<double> levels) =>
        string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", levels.Select(l => Math.Round(100 * l)))} %");

    static string Widths(IReadOnlyList<double> widths) =>
        string.Join(", ", widths.Select(w => string.Create(CultureInfo.InvariantCulture, $"±{w:0.00}")));

    /// <summary>One of several parts of some work, as a part of the whole.</summary>
    sealed class Share(IProgress<double> whole, int number, int parts) : IProgress<double>
    {
        public void Report(double value) => whole.Report((number + value) / parts);
    }
}
