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

    /// <summary>
    /// AVX-512 as x86-64-v4 has it, in this code. Native AOT rules it out for good where it compiles for less: then it is in a library of
    /// its own, for processors of which <see cref="HasAvx512"/> says that they have it.
    /// </summary>
    public static bool Avx512
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Avx512F.IsSupported && Avx512F.VL.IsSupported
            && Avx512BW.IsSupported && Avx512CD.IsSupported && Avx512DQ.IsSupported;
    }

    /// <summary>Whether the processor has it, whatever this code is compiled for, and the system keeps its registers.</summary>
    public static bool HasAvx512 => Avx512 || (X86Base.IsSupported && Avx2 && ReadsAvx512());

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
    public static KernelSet Widest => HasAvx512 ? KernelSet.Avx512
        : Avx2 ? KernelSet.Avx2 : Vector128 ? KernelSet.Vector128 : KernelSet.Scalar;

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

    /// <summary>Asks the processor itself: Intel's manual, volume 2A, CPUID.</summary>
    static bool ReadsAvx512()
    {
        const int Osxsave = 1 << 27; // of leaf 1, ECX
        const int Sets = (1 << 16) | (1 << 17) | (1 << 28) | (1 << 30) | (1 << 31); // of leaf 7, EBX: F, DQ, CD, BW, VL
        if (X86Base.CpuId(0, 0).Eax < 13 || (X86Base.CpuId(1, 0).Ecx & Osxsave) == 0 || (X86Base.CpuId(7, 0).Ebx & Sets) != Sets)
            return false;
        // Leaf 13: how long the area is that registers in use are saved in, and where ZMM16 to ZMM31, component 7, end in it.
        (int length, int start, _, _) = X86Base.CpuId(13, 7);
        return X86Base.CpuId(13, 0).Ebx >= start + length;
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
            "avx512" => KernelSet.Avx512,
            _ => throw new SeverityException(
                SeverityError.InvalidArgument, $"{Variable} is \"{forced}\"; it may be scalar, vector128, avx2 or avx512"),
        };
        return set <= Widest
            ? set
            : throw new SeverityException(SeverityError.InvalidArgument, $"{Variable} is {forced}, which this processor lacks");
    }
}
