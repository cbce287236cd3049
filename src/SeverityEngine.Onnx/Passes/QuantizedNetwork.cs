using SeverityEngine.Onnx.Passes.Quantization;

namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// A convolutional network quantized to 8 bits. Between quantized convolutions (NHWC <c>com.microsoft.QLinearConv</c>) stand only copies
/// and comparisons of uint8 activations: normalization and ReLU on a concatenation are one threshold for each channel; and their sums, at
/// the ends of residual blocks. The first convolution stays in floating point, and so does the last block of a DenseNet.
/// </summary>
public sealed class QuantizedNetwork
{
    readonly List<Step> _steps;

    /// <summary>Reads a network.</summary>
    /// <exception cref="OnnxException">
    /// <see cref="OnnxFault.Unsupported"/>: the network has operations that cannot be quantized here.
    /// </exception>
    public QuantizedNetwork(OnnxModel model)
    {
        Prepared = model.Clone();
        StandardOperators.Restore(Prepared);
        ExactPasses.Apply(Prepared);
        _steps = Steps.Of(Prepared.Graph, Prepared.Graph.Inputs[0].Name);
        Probes = [.. _steps.Where(s => s is EntryStep or ConvStep or MaxPoolStep or AddStep).Select(s => ProbeOf(s.Output))];
    }

    /// <summary>The same network in floating point, in the form in which <see cref="Probes"/> are values of it.</summary>
    public OnnxModel Prepared { get; }

    /// <summary>The values of which statistics are needed.</summary>
    public IReadOnlyList<ActivationProbe> Probes { get; }

    /// <summary>Writes the quantized network.</summary>
    /// <param name="statistics">Of every one of <see cref="Probes"/>, by name.</param>
    public OnnxModel Write(IReadOnlyDictionary<string, ActivationStatistics> statistics)
    {
        OnnxModel model = Prepared.Clone();
        model.SetOpset("com.microsoft", 1);
        model.Graph.ForgetDeclaredValues();
        new QuantizedGraphWriter(model, Probes.ToDictionary(p => p.Name), statistics, ResidualScales.Of(_steps, statistics)).Write(_steps);
        model.Graph.SortTopologically();
        model.Graph.RemoveUnused();
        ByteStorage.Apply(model);
        GraphChecker.Check(model);
        return model;
    }

    /// <summary>A value that larger windows read is sampled under the one that covers them all.</summary>
    ActivationProbe ProbeOf(string value)
    {
        SampleWindow window = SampleWindow.Pixel;
        foreach (OnnxNode reader in Prepared.Graph.Consumers(value).Where(c => c.Is("Conv")))
            window = window.Cover(SampleWindow.Of(reader, Prepared.Graph.Constant(reader.Inputs[1])!.Dimensions));
        return new ActivationProbe(value, window.Height, window.Width, 1, window.Top, window.Left);
    }
}

/// <summary>A value of a network of which statistics are needed, and the window under which it is sampled.</summary>
/// <remarks>
/// A sample is what the window covers at one place: the channels of its first pixel, then those of the pixel to the right, and so on row by
/// row; 0 beyond the image. Values whose windows have equally many places must be sampled at the same of them, so that samples belong
/// together.
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

/// <summary>What was seen of a value of a network over a set of images, channel by channel.</summary>
/// <param name="Minimum">The smallest value of each channel.</param>
/// <param name="Maximum">The largest value of each channel.</param>
/// <param name="Mean">The average of each channel.</param>
/// <param name="Samples">The value under some places of the probe's window, as <see cref="ActivationProbe"/> says.</param>
public sealed record ActivationStatistics(float[] Minimum, float[] Maximum, float[] Mean, float[] Samples)
{
    /// <summary>The number of channels.</summary>
    public int Channels => Minimum.Length;
}
