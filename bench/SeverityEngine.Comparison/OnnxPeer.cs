using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace SeverityEngine.Comparison;

/// <summary>ONNX Runtime at its highest optimization level, with bound buffers: what an .onnx file gives as it is.</summary>
sealed class OnnxPeer : IPeer
{
    readonly InferenceSession _session;
    readonly OrtIoBinding _binding;
    readonly RunOptions _options = new();
    readonly OrtValue _input;

    public OnnxPeer(string path, int batch, int threads)
    {
        using SessionOptions options = new()
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        };
        // Peers take turns in one process: a thread that goes on spinning after its turn would take a core from the next.
        options.AddSessionConfigEntry("session.force_spinning_stop", "1");
        _session = new InferenceSession(path, options);
        float[] input = new float[batch * 224 * 224];
        Random random = new(1);
        foreach (ref float value in input.AsSpan())
            value = 2048 * random.NextSingle() - 1024;
        _input = OrtValue.CreateTensorValueFromMemory(input, [batch, 1, 224, 224]);
        _binding = _session.CreateIoBinding();
        _binding.BindInput("image", _input);
        _binding.BindOutputToDevice("geographic_extent", OrtMemoryInfo.DefaultInstance);
        _binding.BindOutputToDevice("opacity", OrtMemoryInfo.DefaultInstance);
    }

    public string Name => "ONNX Runtime, the plain graph";

    public double Run()
    {
        long start = Stopwatch.GetTimestamp();
        _session.RunWithBinding(_options, _binding);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    public void Dispose()
    {
        _binding.Dispose();
        _input.Dispose();
        _options.Dispose();
        _session.Dispose();
    }
}
