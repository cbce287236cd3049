using System.Numerics;
using System.Runtime.InteropServices;

namespace SeverityEngine.Onnx.Schema;

/// <summary>Looks for numbers that are none: infinities, and what is not a number.</summary>
static class FiniteNumbers
{
    // Twice a number's bits lose its sign; from an exponent of ones on, it is infinite or not a number (IEEE 754).
    const uint Infinity32 = 0xff00_0000;
    const ushort Infinity16 = 0xf800;
    const ulong Infinity64 = 0xffe0_0000_0000_0000;

    /// <summary>Whether all are finite; those of other types than floating point are.</summary>
    public static bool All(OnnxTensor tensor) => tensor.ElementType switch
    {
        OnnxElementType.Float32 => All(MemoryMarshal.Cast<byte, uint>(tensor.Bytes), Infinity32),
        OnnxElementType.Float16 => All(MemoryMarshal.Cast<byte, ushort>(tensor.Bytes), Infinity16),
        OnnxElementType.Float64 => All(MemoryMarshal.Cast<byte, ulong>(tensor.Bytes), Infinity64),
        _ => true,
    };

    /// <summary>Whether none is "not a number".</summary>
    public static bool AreNumbers(OnnxTensor tensor) => tensor.ElementType switch
    {
        OnnxElementType.Float32 => !tensor.Values<float>().ContainsAnyNaN(),
        OnnxElementType.Float16 => !tensor.Values<Half>().ContainsAnyNaN(),
        OnnxElementType.Float64 => !tensor.Values<double>().ContainsAnyNaN(),
        _ => true,
    };

    static bool ContainsAnyNaN<T>(this ReadOnlySpan<T> numbers) where T : IFloatingPointIeee754<T>
    {
        foreach (T number in numbers)
        {
            if (T.IsNaN(number))
                return true;
        }
        return false;
    }

    static bool All<T>(ReadOnlySpan<T> bits, T infinity) where T : unmanaged, IBinaryInteger<T>
    {
        Vector<T> limit = new(infinity);
        int i = 0;
        for (; i <= bits.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            if (Vector.GreaterThanOrEqualAny(new Vector<T>(bits[i..]) << 1, limit))
                return false;
        }
        for (; i < bits.Length; i++)
        {
            if (bits[i] << 1 >= infinity)
                return false;
        }
        return true;
    }
}
