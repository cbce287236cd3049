using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SeverityEngine.Imaging.Png;

/// <summary>A PNG row's filters, for the writer.</summary>
static partial class PngFilters
{
    /// <summary>Filters are numbered from 0: none, left, above, their average, Paeth.</summary>
    public const int Count = 5;

    /// <summary>Filters a row.</summary>
    /// <param name="filter">0 to 4.</param>
    /// <param name="row">The row, in the file's byte order.</param>
    /// <param name="above">The row above, unfiltered; zeros above the first.</param>
    /// <param name="step">From a byte to the one of the same sample in the pixel to its left; at most a row.</param>
    /// <param name="filtered">What the file holds, as long as the row.</param>
    public static void Apply(int filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int step, Span<byte> filtered)
    {
        switch (filter)
        {
            case 0:
                row.CopyTo(filtered);
                break;
            case 1:
                row[..step].CopyTo(filtered);
                TensorPrimitives.Subtract(row[step..], row[..^step], filtered[step..]);
                break;
            case 2:
                TensorPrimitives.Subtract(row, above, filtered);
                break;
            case 3:
                for (int i = 0; i < step; i++)
                    filtered[i] = (byte)(row[i] - (above[i] >> 1));
                for (int i = step; i < row.Length; i++)
                    filtered[i] = (byte)(row[i] - ((row[i - step] + above[i]) >> 1));
                break;
            case 4:
                TensorPrimitives.Subtract(row[..step], above[..step], filtered);
                for (int i = step; i < row.Length; i++)
                    filtered[i] = (byte)(row[i] - Paeth(row[i - step], above[i], above[i - step]));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(filter));
        }
    }

    /// <summary>The sum of a filtered row's bytes as distances from 0: the measure that the standard (clause 12.7) suggests for choosing.</summary>
    public static long SumOfMagnitudes(ReadOnlySpan<byte> filtered)
    {
        // A lane takes two magnitudes of at most 128 a step: 255 steps fit its 16 bits.
        const int StepsPerSum = 255;
        long sum = 0;
        int at = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            ReadOnlySpan<Vector128<byte>> vectors = MemoryMarshal.Cast<byte, Vector128<byte>>(filtered);
            for (int first = 0; first < vectors.Length; first += StepsPerSum)
            {
                Vector128<ushort> lanes = Vector128<ushort>.Zero;
                foreach (Vector128<byte> values in vectors.Slice(first, Math.Min(StepsPerSum, vectors.Length - first)))
                {
                    (Vector128<ushort> lower, Vector128<ushort> upper) = Vector128.Widen(Vector128.Min(values, -values));
                    lanes += lower + upper;
                }
                (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(lanes);
                sum += Vector128.Sum(low + high);
            }
            at = vectors.Length * Vector128<byte>.Count;
        }
        for (; at < filtered.Length; at++)
            sum += Math.Min(filtered[at], 256 - filtered[at]);
        return sum;
    }
}
