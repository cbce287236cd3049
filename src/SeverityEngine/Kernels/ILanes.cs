using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SeverityEngine.Kernels;

/// <summary>What kernels need of a vector of floats: one body serves every width, compiled for each.</summary>
unsafe interface ILanes<TVector>
    where TVector : struct
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Count { get; }

    /// <summary>
    /// Rows of two vectors that a product sums up at once: as many as registers hold beside the operands, and enough of them that no
    /// multiplication waits for the one before.
    /// </summary>
    static abstract int MaxRows { get; }

    static abstract TVector Load(float* from);

    static abstract void Store(TVector vector, float* to);

    /// <summary>
    /// Asks for two vectors of memory ahead of their use, be it past the end of what is owned; does nothing where .NET has no instruction
    /// for it.
    /// </summary>
    static abstract void Prefetch(float* from);

    /// <summary>One float in all lanes.</summary>
    static abstract TVector Create(float value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    /// <summary>The larger of a float and zero; what is no number stays that.</summary>
    static abstract TVector Positive(TVector vector);

    /// <summary><c>a b + c</c>, rounded once where the processor has that.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary><c>c - a b</c>, likewise.</summary>
    static abstract TVector SubtractProduct(TVector a, TVector b, TVector c);
}

/// <summary>Four floats: SSE on x86-64, NEON on arm64. Sixteen registers on the one, 32 on the other.</summary>
readonly unsafe struct Lanes128 : ILanes<Vector128<float>>
{
    public static int Count => 4;

    public static int MaxRows => 6;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* from) => Vector128.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> vector, float* to) => vector.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* from)
    {
        // Both SSE's and NEON's lanes, and for NEON there is none.
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Create(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Positive(Vector128<float> vector) => Vector128.MaxNative(Vector128<float>.Zero, vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        Vector128.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SubtractProduct(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        Vector128.MultiplyAddEstimate(-a, b, c);
}

/// <summary>Eight floats by AVX2 and FMA, sixteen registers.</summary>
readonly unsafe struct Lanes256 : ILanes<Vector256<float>>
{
    public static int Count => 8;

    public static int MaxRows => 6;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* from) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> vector, float* to) => vector.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* from) => Sse.Prefetch0(from); // one cache line

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Create(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Positive(Vector256<float> vector) => Vector256.MaxNative(Vector256<float>.Zero, vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Fma.MultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> SubtractProduct(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Fma.MultiplyAddNegated(a, b, c);
}

/// <summary>Sixteen floats by AVX-512, 32 registers.</summary>
readonly unsafe struct Lanes512 : ILanes<Vector512<float>>
{
    public static int Count => 16;

    public static int MaxRows => 12;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* from) => Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> vector, float* to) => vector.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* from)
    {
        Sse.Prefetch0(from);
        Sse.Prefetch0(from + Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Create(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Positive(Vector512<float> vector) => Vector512.MaxNative(Vector512<float>.Zero, vector);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Avx512F.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SubtractProduct(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Avx512F.FusedMultiplyAddNegated(a, b, c);
}
