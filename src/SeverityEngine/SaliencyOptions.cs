namespace SeverityEngine;

/// <summary>What a saliency map explains, and how it is made.</summary>
public sealed record SaliencyOptions
{
    /// <summary>The gradient of geographic extent, as in the published system.</summary>
    public static SaliencyOptions Default { get; } = new();

    /// <summary>The score that is explained, before it is clamped.</summary>
    public SaliencyTarget Target { get; init; } = SaliencyTarget.GeographicExtent;

    /// <summary>How the map is made.</summary>
    public SaliencyMethod Method { get; init; } = SaliencyMethod.Gradient;
}
