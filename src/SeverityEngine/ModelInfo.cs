namespace SeverityEngine;

/// <summary>What a model says of itself.</summary>
/// <param name="Name">Its name, for example <c>severity-compact</c>.</param>
/// <param name="Version">Its version.</param>
/// <param name="InputSize">Width and height of its input, in pixels.</param>
/// <param name="GeographicExtentRange">The range of geographic extent.</param>
/// <param name="OpacityRange">The range of opacity.</param>
/// <param name="Outputs">The names of its outputs.</param>
/// <param name="Labels">The findings that its logits stand for, in order; empty for a model without logits.</param>
/// <param name="OperatingPoints">The probability at which each finding is as likely as not; empty where not stated.</param>
/// <param name="FeatureCount">How many pooled features it gives; 0 for none.</param>
/// <param name="Metadata">Everything that its file says, by key: license, source, citation and more.</param>
public sealed record ModelInfo(
    string Name,
    string Version,
    int InputSize,
    ScoreRange GeographicExtentRange,
    ScoreRange OpacityRange,
    IReadOnlyList<string> Outputs,
    IReadOnlyList<string> Labels,
    IReadOnlyList<float> OperatingPoints,
    int FeatureCount,
    IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Turns logits into the findings' calibrated probabilities: at its operating point a finding has 0.5.</summary>
    /// <remarks>
    /// With p the sigmoid of a logit and t its operating point: p / 2t below t, else 1 - (1 - p) / (2 (1 - t)), as TorchXRayVision's
    /// <c>op_norm</c> has it. A model that states no operating points gives p itself, which is what t = 0.5 means.
    /// </remarks>
    /// <param name="logits">One for each of <see cref="Labels"/>.</param>
    /// <param name="probabilities">Takes as many, 0 to 1.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: spans of another length.</exception>
    public void Calibrate(ReadOnlySpan<float> logits, Span<double> probabilities)
    {
        if (logits.Length != Labels.Count || probabilities.Length != Labels.Count)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{logits.Length} logits and room for {probabilities.Length} probabilities, where model {Name} has {Labels.Count} labels");
        }
        for (int i = 0; i < logits.Length; i++)
        {
            double p = 1 / (1 + Math.Exp(-logits[i]));
            double t = OperatingPoints.Count > 0 ? OperatingPoints[i] : 0.5;
            probabilities[i] = p < t ? p / (2 * t) : 1 - (1 - p) / (2 * (1 - t));
        }
    }
}
