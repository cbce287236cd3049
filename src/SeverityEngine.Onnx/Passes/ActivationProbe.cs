namespace SeverityEngine.Onnx.Passes;

/// <summary>A value of a network of which statistics are needed, and the window under which it is sampled.</summary>
/// <remarks>
/// A sample is what the window covers at one place: the channels of its first pixel, then those of the pixel to the right, and so on row by row;
/// 0 beyond the image. Values whose windows have equally many places must be sampled at the same of them, so that samples belong together.
/// </remarks>
/// <param name="Name">The value, <c>[N, C, H, W]</c>.</param>
/// <param name="Height">Rows of the window.</param>
/// <param name="Width">Columns of the window.</param>
/// <param name="Stride">The distance from one place of the window to the next.</param>
/// <param name="Top">How many rows the first place lies above the image.</param>
/// <param name="Left">How many columns the first place lies to the left of the image.</param>
/// <param name="PlacesDown">Places of the window down the image; 0 for one on each pixel.</param>
/// <param name="PlacesAcross">Places of the window across the image; 0 for one on each pixel.</param>
public sealed record ActivationProbe(
    string Name, int Height = 1, int Width = 1, int Stride = 1, int Top = 0, int Left = 0, int PlacesDown = 0, int PlacesAcross = 0);
