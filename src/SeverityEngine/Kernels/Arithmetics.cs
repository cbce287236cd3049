using System.Runtime.Intrinsics;
using SeverityEngine.Interop;

namespace SeverityEngine.Kernels;

/// <summary>What of <see cref="Arithmetic"/> this processor can use.</summary>
static class Arithmetics
{
    /// <summary>
    /// Whether a set of kernels has one for channels that are read by the eight and made by the sixteen. Where it has none, ONNX Runtime's
    /// plain convolution is faster.
    /// </summary>
    public static bool Serve(KernelSet kernels) => Cpu.Vector128 && kernels >= KernelSet.Vector128;

    /// <summary>The widest of a set that channels are whole vectors and panels of; null for none.</summary>
    public static Arithmetic? For(KernelSet kernels, int inputs, int outputs)
    {
        foreach (KernelSet set in (ReadOnlySpan<KernelSet>)[KernelSet.Avx512, KernelSet.Avx2, KernelSet.Vector128])
        {
            if (set <= kernels && Of(set) is { } arithmetic && inputs % arithmetic.Lanes == 0 && outputs % arithmetic.Columns == 0)
                return arithmetic;
        }
        return null;
    }

    /// <summary>The arithmetic by one instruction set; null where it is not at hand.</summary>
    public static Arithmetic? Of(KernelSet set) => set switch
    {
        KernelSet.Avx512 => Cpu.Avx512 ? Arithmetic<Vector512<float>, Lanes512>.Instance : ArithmeticLibrary.Instance,
        KernelSet.Avx2 when Cpu.Avx2 => Arithmetic<Vector256<float>, Lanes256>.Instance,
        KernelSet.Vector128 when Cpu.Vector128 => Arithmetic<Vector128<float>, Lanes128>.Instance,
        _ => null,
    };
}
