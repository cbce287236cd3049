using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SeverityEngine.Kernels;

namespace SeverityEngine.Avx512;

/// <summary>What the engine calls. It allocates nothing and calls nothing back, so this library's collector never runs.</summary>
static unsafe class Avx512Exports
{
    /// <summary>Multiplies matrices.</summary>
    [UnmanagedCallersOnly(EntryPoint = "severity_avx512_product")]
    public static void Product(ProductPart* part) => TileProduct<Vector512<float>, Lanes512>.MultiplyAll(*part);

    /// <summary>Computes one part of a 3 x 3 convolution.</summary>
    [UnmanagedCallersOnly(EntryPoint = "severity_avx512_winograd")]
    public static void Winograd(WinogradPart* part) => WinogradArithmetic<Vector512<float>, Lanes512>.Run(*part);

    /// <summary>Computes one part of a 1 x 1 convolution between normalization and ReLU.</summary>
    [UnmanagedCallersOnly(EntryPoint = "severity_avx512_bottleneck")]
    public static void Bottleneck(BottleneckPart* part) => BottleneckArithmetic<Vector512<float>, Lanes512>.Run(*part);
}
