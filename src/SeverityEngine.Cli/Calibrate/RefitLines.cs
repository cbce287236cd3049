using System.Globalization;
using SeverityEngine.Evaluation;
using SeverityEngine.Evaluation.Calibration;
using SeverityEngine.IO;
using SeverityEngine.Refits;

namespace SeverityEngine.Cli.Calibrate;

/// <summary>What a model says of the refits of its scores, for people.</summary>
static class RefitLines
{
    /// <summary>A line for the images, and one for each score.</summary>
    public static IEnumerable<string> Of(RefitRecord refit)
    {
        string patients = refit.Patients is { } count ? $" of {Amount.Of(count, "patient")}" : "";
        yield return $"refit       to {Amount.Of(refit.Images, "image")}{patients}; errors by {refit.Folds}-fold cross-validation";
        foreach (ScoreKind kind in ScoreKinds.All)
        {
            RefitOutcome outcome = kind == ScoreKind.GeographicExtent ? refit.GeographicExtent : refit.Opacity;
            string errors = outcome is { Mae: { } mae, MaeAsIs: { } before }
                ? string.Create(CultureInfo.InvariantCulture, $", MAE {mae:0.00} (as it was {before:0.00})") : "";
            yield return $"  {kind.Title}: {CalibrationTable.Name(outcome.Method)}{errors}";
        }
    }
}
