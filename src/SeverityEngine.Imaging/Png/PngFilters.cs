using System.Numerics.Tensors;
using SeverityEngine.Interop;

namespace SeverityEngine.Imaging.Png;

/// <summary>
/// A PNG row's filters (ISO/IEC 15948, clause 9): undone in place for the reader, applied for the writer. To undo any but filter 2 takes
/// the restored pixel to a byte's left, so there is no working on many pixels at once.
/// </summary>
abstract class PngFilters
{
    /// <summary>Filters are numbered from 0: none, left, above, their average, Paeth.</summary>
    public const int Count = 5;

    static readonly PngFilters s_scalar = new PngFiltersScalar(), s_vector128 = new PngFiltersVector128();

    /// <summary>The filters by one set of kernels.</summary>
    public static PngFilters For(KernelSet kernels) => Cpu.Vector128 && kernels >= KernelSet.Vector128 ? s_vector128 : s_scalar;

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

    /// <summary>Undoes a row's filter.</summary>
    /// <param name="filter">The filter's number, the row's first byte in the file.</param>
    /// <param name="row">The row, filtered on entry.</param>
    /// <param name="above">The row above, already restored; zeros above the first.</param>
    /// <param name="step">From a byte to the one of the same sample in the pixel to its left.</param>
    /// <returns>False for a filter that does not exist.</returns>
    public bool Undo(int filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        above = above[..row.Length];
        switch (filter)
        {
            case 0:
                return true;
            case 1:
                UndoSub(row, step);
                return true;
            case 2:
                TensorPrimitives.Add(row, above, row);
                return true;
            case 3:
                UndoAverage(row, above, step);
                return true;
            case 4:
                UndoPaeth(row, above, step);
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// The sum of a filtered row's bytes as distances from 0: the measure that the standard (clause 12.7) suggests for choosing.
    /// </summary>
    public abstract long SumOfMagnitudes(ReadOnlySpan<byte> filtered);

    protected abstract void UndoSub(Span<byte> row, int step);

    protected abstract void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int step);

    protected abstract void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int step);

    // One by one, from a place on: the definitions, and what vectors leave.

    protected static void UndoSub(Span<byte> row, int from, int step)
    {
        for (int i = Math.Max(from, step); i < row.Length; i++)
            row[i] += row[i - step];
    }

    protected static void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int from, int step)
    {
        int i = from;
        for (; i < step && i < row.Length; i++)
            row[i] += (byte)(above[i] >> 1);
        for (; i < row.Length; i++)
            row[i] += (byte)((row[i - step] + above[i]) >> 1);
    }

    protected static void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int from, int step)
    {
        int i = from;
        for (; i < step && i < row.Length; i++)
            row[i] += above[i];
        for (; i < row.Length; i++)
            row[i] += (byte)Paeth(row[i - step], above[i], above[i - step]);
    }

    protected static long SumOfMagnitudes(ReadOnlySpan<byte> filtered, int from)
    {
        long sum = 0;
        for (int i = from; i < filtered.Length; i++)
            sum += Math.Min(filtered[i], 256 - filtered[i]);
        return sum;
    }

    /// <summary>Of three neighbors, the one nearest to left + up - corner.</summary>
    static int Paeth(int left, int up, int corner)
    {
        int toLeft = Math.Abs(up - corner), toUp = Math.Abs(left - corner), toCorner = Math.Abs(left + up - 2 * corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }
}

/// <summary>A byte at a time.</summary>
sealed class PngFiltersScalar : PngFilters
{
    public override long SumOfMagnitudes(ReadOnlySpan<byte> filtered) => SumOfMagnitudes(filtered, 0);

    protected override void UndoSub(Span<byte> row, int step) => UndoSub(row, 0, step);

    protected override void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int step) => UndoAverage(row, above, 0, step);

    protected override void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int step) => UndoPaeth(row, above, 0, step);
}
