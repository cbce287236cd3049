using System.Reflection;
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
    public static string OnnxRuntimeVersion => OnnxRuntimeLibrary.Version;

    /// <summary>
    /// The instruction sets that the engine uses on this processor, widest first, for example <c>AVX-512, AVX2, FMA</c>.
    /// </summary>
    public static string InstructionSets
    {
        get
        {
            List<string> sets = [];
            if (Cpu.HasAvx512)
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
    /// For programs that embed ONNX Runtime's native library as a resource, so that they are one file: names it. It is loaded from the file
    /// of the same content beside the program where there is one, else from a private copy in the user's cache folder, and on Linux, where
    /// there is none, from memory, which takes longer and that much more memory for each process. Call it before the first predictor is
    /// made.
    /// </summary>
    /// <param name="assembly">The assembly that holds the resource.</param>
    /// <param name="resource">The resource's name.</param>
    /// <param name="keepCopy">
    /// Whether to make the copy where there is none, unless the environment's <c>SEVERITY_RUNTIME_CACHE</c> is <c>off</c>.
    /// </param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: ONNX Runtime is already loaded.</exception>
    public static void UseEmbeddedOnnxRuntime(Assembly assembly, string resource, bool keepCopy = false) =>
        OnnxRuntimeLibrary.UseResource(assembly, resource, keepCopy);

    /// <summary>
    /// Begins to load and set up an embedded ONNX Runtime on another thread, so that a program can read a model and images meanwhile. What
    /// fails then is raised when the first predictor is made. Without <see cref="UseEmbeddedOnnxRuntime"/> it does nothing.
    /// </summary>
    public static void BeginLoadingOnnxRuntime() => OnnxRuntimeLibrary.BeginInitializing();
}
