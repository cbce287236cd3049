using System.Runtime.InteropServices;
using SeverityEngine.Inference;
using SeverityEngine.Interop;

namespace SeverityEngine.Kernels;

/// <summary>
/// The arithmetic by AVX-512 in programs that Native AOT compiles for less: it is compiled once more, for x86-64-v4, in a small library
/// (<c>src/SeverityEngine.Avx512</c>) that is embedded beside ONNX Runtime and loaded when a model first has use for it.
/// </summary>
sealed unsafe class ArithmeticLibrary : Arithmetic
{
    /// <summary>The resource's name, beside ONNX Runtime's.</summary>
    const string Resource = "severity-avx512";

    static readonly Lazy<ArithmeticLibrary?> s_instance = new(Load);

    readonly delegate* unmanaged<ProductPart*, void> _product;
    readonly delegate* unmanaged<WinogradPart*, void> _winograd;
    readonly delegate* unmanaged<BottleneckPart*, void> _bottleneck;

    ArithmeticLibrary(nint library) : base(Lanes512.Count)
    {
        _product = (delegate* unmanaged<ProductPart*, void>)NativeLibrary.GetExport(library, "severity_avx512_product");
        _winograd = (delegate* unmanaged<WinogradPart*, void>)NativeLibrary.GetExport(library, "severity_avx512_winograd");
        _bottleneck = (delegate* unmanaged<BottleneckPart*, void>)NativeLibrary.GetExport(library, "severity_avx512_bottleneck");
    }

    /// <summary>
    /// The arithmetic; null where the program has no such library, the processor no AVX-512, or the system does not load it.
    /// </summary>
    public static ArithmeticLibrary? Instance => s_instance.Value;

    public override void Multiply(in ProductPart part)
    {
        fixed (ProductPart* address = &part)
            _product(address);
    }

    public override void Convolve(in WinogradPart part)
    {
        fixed (WinogradPart* address = &part)
            _winograd(address);
    }

    public override void Convolve(in BottleneckPart part)
    {
        fixed (BottleneckPart* address = &part)
            _bottleneck(address);
    }

    static ArithmeticLibrary? Load()
    {
        if (!Cpu.HasAvx512 || OnnxRuntimeLibrary.Embedding is not { } assembly
            || !EmbeddedLibrary.TryLoadFromMemory(assembly, Resource, out nint library))
        {
            return null;
        }
        // Its .NET runtime ends the process where the processor lacks what it is compiled for: this is asked before that starts.
        var isUsable = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "severity_avx512_is_usable");
        return isUsable() != 0 ? new ArithmeticLibrary(library) : null;
    }
}
