namespace SeverityEngine.Interop;

/// <summary>
/// What a family of kernels may be written for, from what every processor has upwards. A family lacks the ones that it gains nothing by.
/// </summary>
enum KernelSet
{
    /// <summary>No vectors: the definition that the others are compared with.</summary>
    Scalar,

    /// <summary>128-bit vectors of any processor: SSE of x86-64, NEON of arm64.</summary>
    Vector128,

    /// <summary>256-bit vectors of x86-64, with AVX2 and FMA.</summary>
    Avx2,

    /// <summary>512-bit vectors of x86-64: AVX-512 with what x86-64-v4 has of it.</summary>
    Avx512,
}
