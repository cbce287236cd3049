using Microsoft.ML.OnnxRuntime;
using SeverityEngine.Onnx;

namespace SeverityEngine.Models.Quantization;

/// <summary>
/// Bias correction of the pooled features: a quantized network's lack something beside those of the network that it was made of, which is
/// added to them. Rounding errors become a shift where thresholds follow them, and add up with depth; here, at the end, the shift is nearly
/// the same for every image. Its median over the images is taken: a mean would be that of the few whose features are a hundred times as
/// large.
/// </summary>
static class BiasCorrection
{
    /// <summary>Applies it.</summary>
    /// <param name="quantized">The network to correct.</param>
    /// <param name="original">The one that it was made of.</param>
    /// <param name="images">The calibration's images, as the network's input reads them.</param>
    /// <param name="step">Called after each run of a network.</param>
    public static void Apply(OnnxModel quantized, OnnxModel original, IReadOnlyList<float[]> images, Action step)
    {
        foreach (OnnxNode node in quantized.Graph.Nodes.Where(n => n.Is("GlobalAveragePool")).ToArray())
        {
            string value = node.Outputs[0];
            float[][] wanted = Values(original, value, images, step), made = Values(quantized, value, images, step);
            float[] shift = new float[wanted[0].Length];
            for (int channel = 0; channel < shift.Length; channel++)
                shift[channel] = Median([.. wanted.Zip(made).Select(p => p.First[channel] - p.Second[channel])]);
            GraphBuilder builder = new(quantized);
            string raw = quantized.Graph.FreshName($"{value}.raw");
            node.SetOutput(0, raw);
            OnnxNode sum =
                builder.Node("Add", [raw, builder.Constant<float>($"{value}.shift", [1, shift.Length, 1, 1], shift)], $"{value}.shifted");
            sum.SetOutput(0, value);
        }
        quantized.Graph.SortTopologically();
        GraphChecker.Check(quantized);
    }

    static float[][] Values(OnnxModel model, string value, IReadOnlyList<float[]> images, Action step)
    {
        using InferenceSession session = CalibrationSession.Create(model, [value]);
        using RunOptions run = new();
        float[][] values = new float[images.Count][];
        for (int i = 0; i < values.Length; i++)
        {
            using OrtValue image = CalibrationSession.Tensor(images[i]);
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, [ModelContract.ImageInput], [image], [value]);
            values[i] = results[0].GetTensorDataAsSpan<float>().ToArray();
            step();
        }
        return values;
    }

    static float Median(float[] numbers)
    {
        Array.Sort(numbers);
        return numbers.Length % 2 == 1
            ? numbers[numbers.Length / 2] : (numbers[(numbers.Length / 2) - 1] + numbers[numbers.Length / 2]) / 2;
    }
}
