using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SeverityEngine.Kernels;

namespace SeverityEngine.Avx512;

/// <summary>What the engine calls. It allocates nothing and calls nothing back, so this library's collector never runs.</summary>
static unsafe class Avx512Exports
{
    /// <summary>Computes one part of a convolution.</summary>
    [UnmanagedCallersOnly(EntryPoint = "severity_avx512_winograd")]
    public static void Winograd(WinogradPart* part) => WinogradArithmetic<Vector512<float>, Lanes512>.Instance.Run(*part);
}
