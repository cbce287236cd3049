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
        OnnxNode[] averages = [.. quantized.Graph.Nodes.Where(n => n.Is("GlobalAveragePool"))];
        string[] names = [.. averages.Select(n => n.Outputs[0])];
        float[][][] wanted = Values(original, names, images, step), made = Values(quantized, names, images, step);
        GraphBuilder builder = new(quantized);
        for (int i = 0; i < names.Length; i++)
        {
            float[] shift = new float[wanted[0][i].Length];
            for (int channel = 0; channel < shift.Length; channel++)
                shift[channel] = Median([.. wanted.Zip(made).Select(p => p.First[i][channel] - p.Second[i][channel])]);
            string raw = quantized.Graph.FreshName($"{names[i]}.raw");
            averages[i].SetOutput(0, raw);
            OnnxNode sum = builder.Node(
                "Add", [raw, builder.Constant<float>($"{names[i]}.shift", [1, shift.Length, 1, 1], shift)], $"{names[i]}.shifted");
            sum.SetOutput(0, names[i]);
        }
        quantized.Graph.SortTopologically();
        GraphChecker.Check(quantized);
    }

    /// <summary>Some values' numbers, image by image.</summary>
    static float[][][] Values(OnnxModel model, string[] names, IReadOnlyList<float[]> images, Action step)
    {
        using InferenceSession session = CalibrationSession.Create(model, names);
        using RunOptions run = new();
        float[][][] values = new float[images.Count][][];
        for (int i = 0; i < values.Length; i++)
        {
            using OrtValue image = CalibrationSession.Tensor(images[i]);
            using IDisposableReadOnlyCollection<OrtValue> results = session.Run(run, [ModelContract.ImageInput], [image], names);
            values[i] = [.. results.Select(r => r.GetTensorDataAsSpan<float>().ToArray())];
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
