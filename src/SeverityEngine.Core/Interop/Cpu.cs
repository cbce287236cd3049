using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace SeverityEngine.Interop;

/// <summary>
/// What this processor has: the one place that asks. Where the build's own instruction set decides an answer, as x86-64-v3 does for AVX2,
/// the compiler takes it for a constant and leaves out what it rules out. Kernels are chosen by <see cref="Kernels"/> when an object is
/// made, never in a loop.
/// </summary>
static class Cpu
{
    /// <summary>
    /// Names a <see cref="KernelSet"/> in lower case to use in place of the widest, so that tests can run each of them in a program as it
    /// is published.
    /// </summary>
    public const string Variable = "SEVERITY_FORCE_KERNEL";

    // The choice and 1; 0 until it is asked for. No lock: all who choose at once choose the same.
    static int s_kernels;

    /// <summary>AVX-512, which no kernel here needs; .NET's own primitives use it.</summary>
    public static bool Avx512
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512F.IsSupported;
    }

    /// <summary>AVX2 and FMA, which its kernels take for granted; every processor with the one has the other.</summary>
    public static bool Avx2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => System.Runtime.Intrinsics.X86.Avx2.IsSupported && System.Runtime.Intrinsics.X86.Fma.IsSupported;
    }

    /// <summary>FMA of x86-64.</summary>
    public static bool Fma
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => System.Runtime.Intrinsics.X86.Fma.IsSupported;
    }

    /// <summary>NEON of arm64.</summary>
    public static bool Neon
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => AdvSimd.IsSupported;
    }

    /// <summary>128-bit vectors, their first lane in the lowest bytes.</summary>
    public static bool Vector128
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => System.Runtime.Intrinsics.Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian;
    }

    /// <summary>The widest that this processor has.</summary>
    public static KernelSet Widest => Avx2 ? KernelSet.Avx2 : Vector128 ? KernelSet.Vector128 : KernelSet.Scalar;

    /// <summary>The kernels to use: the widest, or those that <see cref="Variable"/> names.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: it names none, or some that this processor lacks.
    /// </exception>
    public static KernelSet Kernels
    {
        get
        {
            int chosen = s_kernels;
            if (chosen == 0)
                s_kernels = chosen = 1 + (int)Choose(Environment.GetEnvironmentVariable(Variable));
            return (KernelSet)(chosen - 1);
        }
    }

    /// <summary>What a value of <see cref="Variable"/> means.</summary>
    internal static KernelSet Choose(string? forced)
    {
        if (string.IsNullOrEmpty(forced))
            return Widest;
        KernelSet set = forced switch
        {
            "scalar" => KernelSet.Scalar,
            "vector128" => KernelSet.Vector128,
            "avx2" => KernelSet.Avx2,
            _ => throw new SeverityException(
                SeverityError.InvalidArgument, $"{Variable} is \"{forced}\"; it may be scalar, vector128 or avx2"),
        };
        return set <= Widest
            ? set
            : throw new SeverityException(SeverityError.InvalidArgument, $"{Variable} is {forced}, which this processor lacks");
    }
}
