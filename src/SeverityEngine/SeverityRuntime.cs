using System.Reflection;
using Microsoft.ML.OnnxRuntime;
using SeverityEngine.Inference;
using SeverityEngine.Interop;

namespace SeverityEngine;

/// <summary>What the engine runs on.</summary>
public static class SeverityRuntime
{
    /// <summary>The engine's version.</summary>
    public static string EngineVersion { get; } =
        typeof(SeverityRuntime).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>ONNX Runtime's version; loads its native library.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.RuntimeUnavailable"/>.</exception>
    public static string OnnxRuntimeVersion
    {
        get
        {
            OnnxRuntimeLibrary.Initialize();
            return OrtEnv.Instance().GetVersionString();
        }
    }

    /// <summary>
    /// The instruction sets that preprocessing uses on this processor, widest first, for example <c>AVX-512, AVX2, FMA</c>.
    /// </summary>
    public static string InstructionSets
    {
        get
        {
            List<string> sets = [];
            if (Cpu.Avx512)
                sets.Add("AVX-512");
            if (Cpu.Avx2)
                sets.Add("AVX2");
            if (Cpu.Fma)
                sets.Add("FMA");
            if (Cpu.Neon)
                sets.Add("NEON");
            if (sets.Count == 0)
                sets.Add(Cpu.Vector128 ? "128-bit vectors" : "scalar");
            return string.Join(", ", sets);
        }
    }

    /// <summary>
    /// For programs that embed ONNX Runtime's native library as a resource, so that they are one file: names it. On Linux it is loaded
    /// from memory; elsewhere from a private copy in the user's cache folder. Call it before the first predictor is made.
    /// </summary>
    /// <param name="assembly">The assembly that holds the resource.</param>
    /// <param name="resource">The resource's name.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: ONNX Runtime is already loaded.</exception>
    public static void UseEmbeddedOnnxRuntime(Assembly assembly, string resource) => OnnxRuntimeLibrary.UseResource(assembly, resource);

    /// <summary>
    /// Begins to load an embedded ONNX Runtime on another thread, so that a program can read a model and images meanwhile. What fails then
    /// is raised when the first predictor is made. Without <see cref="UseEmbeddedOnnxRuntime"/> it does nothing.
    /// </summary>
    public static void BeginLoadingOnnxRuntime() => OnnxRuntimeLibrary.BeginLoading();
}
