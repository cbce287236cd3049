using System.Globalization;
using SeverityEngine.Refits;

namespace SeverityEngine.Evaluation.Calibration;

/// <summary>What a calibration found, for people.</summary>
static class CalibrationTable
{
    const int NameWidth = 24;

    /// <summary>A table of the ways in which a score can be refitted; the one that was chosen is marked.</summary>
    /// <param name="kind">The score.</param>
    /// <param name="calibration">What was found.</param>
    public static IEnumerable<string> Lines(ScoreKind kind, ScoreCalibration calibration)
    {
        yield return $"{kind.Title,-NameWidth}{"MAE",7}{"R2",7}{"Pearson",9}";
        foreach (RefitCandidate candidate in calibration.Candidates)
        {
            string mark = candidate == calibration.Chosen ? "*" : " ";
            RefitFigures figures = candidate.Figures;
            yield return $"{mark} {Name(candidate.Method),-(NameWidth - 2)}{Number(figures.Mae, 7)}{Number(figures.R2, 7)}"
                + Number(figures.Pearson, 9);
        }
    }

    /// <summary>What becomes of a score.</summary>
    public static string Outcome(ScoreKind kind, ScoreCalibration calibration) => calibration.Refit switch
    {
        IsotonicRefit steps =>
            $"{kind.Title}: isotonic, through {steps.X.Count} points; where it is level a saliency map of it is empty",
        FeatureRefit regression => $"{kind.Title}: a regression on {regression.Coefficients.Count} features",
        AffineRefit line when calibration.Chosen.Method == RefitMethod.Offset =>
            string.Create(CultureInfo.InvariantCulture, $"{kind.Title}: {line.Intercept:+0.00;-0.00} to the score"),
        AffineRefit line when calibration.Chosen.Method == RefitMethod.Linear =>
            string.Create(CultureInfo.InvariantCulture, $"{kind.Title}: {line.Slope:0.00} times the score {line.Intercept:+ 0.00;- 0.00}"),
        _ => $"{kind.Title}: stays as it is",
    };

    /// <summary>A way's name.</summary>
    public static string Name(RefitMethod method) => method switch
    {
        RefitMethod.Offset => "offset",
        RefitMethod.Linear => "linear on the score",
        RefitMethod.Isotonic => "isotonic on the score",
        RefitMethod.Ridge => "ridge on the features",
        _ => "as it is",
    };

    static string Number(double value, int width) =>
        (double.IsNaN(value) ? "-" : value.ToString("0.00", CultureInfo.InvariantCulture)).PadLeft(width);
}
