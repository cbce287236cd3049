using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using SeverityEngine.Inference;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;

namespace SeverityEngine.Models.Quantization;

/// <summary>Sessions over models in memory, on all cores.</summary>
static class CalibrationSession
{
    /// <param name="model">The model.</param>
    /// <param name="probes">Float values within it that become outputs too.</param>
    public static InferenceSession Create(OnnxModel model, IReadOnlyList<string> probes)
    {
        OnnxRuntimeLibrary.Initialize();
        OnnxModel probed = model.Clone();
        foreach (string probe in probes)
            probed.Graph.AddOutput(new OnnxValue(probe, OnnxElementType.Float32));
        using SessionOptions options = new()
        {
            IntraOpNumThreads = Environment.ProcessorCount,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        try
        {
            return new InferenceSession(probed.ToArray(), options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new SeverityException(SeverityError.ModelInvalid, $"the model cannot be run for its calibration: {e.Message}", e);
        }
    }

    /// <summary>An image as a network's input reads it, S x S numbers.</summary>
    public static OrtValue Tensor(float[] image)
    {
        int side = (int)Math.Sqrt(image.Length);
        return OrtValue.CreateTensorValueFromMemory(image, [1, 1, side, side]);
    }
}

/// <summary>Gathers a value's statistics over images: its channels' extremes and means, and what lies under some windows.</summary>
sealed class ActivationCollector(ActivationProbe probe)
{
    readonly List<float> _samples = [];
    float[] _minimum = [], _maximum = [];
    double[] _sum = [];
    long _pixels;

    /// <summary>Takes one image's value in.</summary>
    /// <param name="value">The value, <c>[1, C, H, W]</c>.</param>
    /// <param name="image">The image's number, which with the number of places settles those that are sampled.</param>
    /// <param name="places">How many places to sample.</param>
    public void Add(OrtValue value, int image, int places)
    {
        long[] shape = value.GetTensorTypeAndShape().Shape;
        int channels = (int)shape[1], height = (int)shape[2], width = (int)shape[3];
        ReadOnlySpan<float> numbers = value.GetTensorDataAsSpan<float>();
        Summarize(numbers, channels, height * width);
        int down = probe.PlacesDown == 0 ? height : probe.PlacesDown, across = probe.PlacesAcross == 0 ? width : probe.PlacesAcross;
        uint random = (uint)((image * 7919) + (down * across));
        for (int i = 0; i < places; i++)
        {
            random = (random * 1664525) + 1013904223;
            int place = (int)((ulong)random * (ulong)(down * across) >> 32);
            Sample(numbers, channels, height, width, (place / across * probe.Stride) - probe.Top,
                (place % across * probe.Stride) - probe.Left);
        }
    }

    public ActivationStatistics Result() => new(_minimum, _maximum, [.. _sum.Select(s => (float)(s / _pixels))], [.. _samples]);

    void Summarize(ReadOnlySpan<float> numbers, int channels, int pixels)
    {
        if (_minimum.Length == 0)
        {
            _minimum = new float[channels];
            _maximum = new float[channels];
            _sum = new double[channels];
            _minimum.AsSpan().Fill(float.PositiveInfinity);
            _maximum.AsSpan().Fill(float.NegativeInfinity);
        }
        for (int channel = 0; channel < channels; channel++)
        {
            ReadOnlySpan<float> map = numbers.Slice(channel * pixels, pixels);
            _minimum[channel] = Math.Min(_minimum[channel], TensorPrimitives.Min(map));
            _maximum[channel] = Math.Max(_maximum[channel], TensorPrimitives.Max(map));
            _sum[channel] += TensorPrimitives.Sum(map);
        }
        _pixels += pixels;
    }

    void Sample(ReadOnlySpan<float> numbers, int channels, int height, int width, int top, int left)
    {
        for (int y = top; y < top + probe.Height; y++)
        {
            for (int x = left; x < left + probe.Width; x++)
            {
                bool inside = (uint)y < (uint)height && (uint)x < (uint)width;
                for (int channel = 0; channel < channels; channel++)
                    _samples.Add(inside ? numbers[(((channel * height) + y) * width) + x] : 0);
            }
        }
    }
}
