using Microsoft.ML.OnnxRuntime;
using SeverityEngine.Inference;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;

namespace SeverityEngine.Models.Quantization;

/// <summary>Quantizes a model to 8-bit integers, calibrated on images.</summary>
public static class ModelQuantizer
{
    /// <summary>How many places of each value are sampled in each image; more would take memory under the larger windows.</summary>
    const int Places = 20;

    /// <summary>Converts a model.</summary>
    /// <param name="model">A model in floating point that keeps the contract.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="images">
    /// The calibration's images as the network's input reads them, S x S numbers each; some 30 to 100 of the kind that it will see.
    /// </param>
    /// <param name="calibration">What they are, for the model's metadata.</param>
    /// <param name="progress">Told how much is done, from 0 to 1.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelUnsupported"/>: the network cannot be quantized here;
    /// <see cref="SeverityError.InvalidArgument"/>: there are no images, or not of the input's size;
    /// <see cref="SeverityError.ModelInvalid"/>.</exception>
    public static OnnxModel Convert(
        OnnxModel model, string source, IReadOnlyList<float[]> images, string calibration, IProgress<double>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        // Each image goes through the network with its probes, and for the correction through both networks.
        int runs = 3 * images.Count, done = 0;
        return OnnxFaults.Translate(source, () => Convert(model, images, calibration, () => progress?.Report((double)++done / runs)));
    }

    static OnnxModel Convert(OnnxModel model, IReadOnlyList<float[]> images, string calibration, Action step)
    {
        QuantizedNetwork network = new(model);
        OnnxShape input = network.Prepared.Graph.Inputs.Single(i => i.Name == ModelContract.ImageInput).Shape!;
        long pixels = input[2].Length * input[3].Length;
        if (images.Count == 0 || images.Any(i => i.Length != pixels))
            throw new SeverityException(
                SeverityError.InvalidArgument, $"calibration needs images, each of {input[2]} x {input[3]} numbers");
        OnnxModel quantized = network.Write(Observe(network, images, step));
        BiasCorrection.Apply(quantized, network.Prepared, images, step);
        EnginePasses.Apply(quantized);
        quantized.Metadata[ModelContract.PrecisionKey] = "int8";
        quantized.Metadata[ModelContract.CalibrationKey] = calibration;
        return quantized;
    }

    static Dictionary<string, ActivationStatistics> Observe(
        QuantizedNetwork network, IReadOnlyList<float[]> images, Action step)
    {
        string[] names = [.. network.Probes.Select(p => p.Name)];
        using InferenceSession session = CalibrationSession.Create(network.Prepared, names);
        using RunOptions run = new();
        ActivationCollector[] collectors = [.. network.Probes.Select(p => new ActivationCollector(p))];
        for (int i = 0; i < images.Count; i++)
        {
            using OrtValue image = CalibrationSession.Tensor(images[i]);
            using IDisposableReadOnlyCollection<OrtValue> values = session.Run(run, [ModelContract.ImageInput], [image], names);
            int number = i;
            Parallel.For(0, names.Length, n => collectors[n].Add(values[n], number, Places));
            step();
        }
        return names.Zip(collectors).ToDictionary(p => p.First, p => p.Second.Result());
    }
}
