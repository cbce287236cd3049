namespace SeverityEngine.Models;

/// <summary>The scores that were published for an image.</summary>
/// <param name="Image">The image's file name.</param>
/// <param name="GeographicExtent">Its geographic extent, 0 to 8.</param>
/// <param name="Opacity">Its opacity, 0 to 6.</param>
public sealed record PublishedScore(string Image, double GeographicExtent, double Opacity);
