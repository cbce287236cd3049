namespace SeverityEngine;

/// <summary>The score that a saliency map explains.</summary>
public enum SaliencyTarget
{
    /// <summary>Geographic extent.</summary>
    GeographicExtent = 0,
    /// <summary>Opacity.</summary>
    Opacity = 1,
}
