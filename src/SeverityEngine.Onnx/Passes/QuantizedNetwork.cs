using SeverityEngine.Onnx.Passes.Quantization;

namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// A convolutional network in 8-bit integers. Between convolutions on bytes (NHWC <c>com.microsoft.QLinearConv</c>) stand only copies and
/// comparisons: normalization and ReLU on a concatenation are one threshold for each channel. The first convolution and the last block stay
/// in floating point.
/// </summary>
public sealed class QuantizedNetwork
{
    readonly List<Step> _steps;

    /// <summary>Reads a network.</summary>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Unsupported"/>: the network has operations that have no form in integers here.</exception>
    public QuantizedNetwork(OnnxModel model)
    {
        Prepared = model.Clone();
        StandardOperators.Restore(Prepared);
        ExactPasses.Apply(Prepared);
        _steps = Steps.Of(Prepared.Graph, Prepared.Graph.Inputs[0].Name);
        Probes = [.. _steps.Where(s => s is EntryStep or ConvStep or MaxPoolStep).Select(s => ProbeOf(s.Output))];
    }

    /// <summary>The same network in floating point, in the form in which <see cref="Probes"/> are values of it.</summary>
    public OnnxModel Prepared { get; }

    /// <summary>The values of which statistics are needed.</summary>
    public IReadOnlyList<ActivationProbe> Probes { get; }

    /// <summary>Writes the network in integers.</summary>
    /// <param name="statistics">Of every one of <see cref="Probes"/>, by name.</param>
    public OnnxModel Write(IReadOnlyDictionary<string, ActivationStatistics> statistics)
    {
        OnnxModel model = Prepared.Clone();
        model.SetOpset("com.microsoft", 1);
        model.Graph.ForgetDeclaredValues();
        new QuantizedGraphWriter(model, Probes.ToDictionary(p => p.Name), statistics).Write(_steps);
        model.Graph.SortTopologically();
        model.Graph.RemoveUnused();
        ByteStorage.Apply(model);
        GraphChecker.Check(model);
        return model;
    }

    /// <summary>A value that a larger window reads is sampled under it.</summary>
    ActivationProbe ProbeOf(string value)
    {
        if (!Prepared.Graph.TryGetOnlyConsumer(value, out OnnxNode? reader) || !reader.Is("Conv")
            || Prepared.Graph.Constant(reader.Inputs[1])!.Dimensions is not [_, _, var height, var width] || (height == 1 && width == 1))
        {
            return new ActivationProbe(value);
        }
        long[] pads = reader.Attributes.GetInts("pads") ?? [0, 0, 0, 0];
        return new ActivationProbe(value, (int)height, (int)width, 1, (int)pads[0], (int)pads[1]);
    }
}
