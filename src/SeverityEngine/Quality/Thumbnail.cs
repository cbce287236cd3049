using System.Numerics.Tensors;
using SeverityEngine.Preprocessing;

namespace SeverityEngine.Quality;

/// <summary>
/// The network's input as 16 x 16 averages, 0 to 1: enough to see what a picture shows, too little to see whose it is. An instance owns
/// its scratch memory and serves one caller at a time.
/// </summary>
/// <remarks>
/// An average is over an area of the input, so an input whose side is no multiple of 16 gives parts of its pixels to two cells.
/// </remarks>
sealed class Thumbnail
{
    /// <summary>Cells in a row, and in a column.</summary>
    public const int Size = 16;

    /// <summary>Cells in all.</summary>
    public const int Length = Size * Size;

    /// <summary>Keeps the noise of a blank picture from being taken for its contents.</summary>
    public const double Epsilon = 0.16;

    readonly int _side;
    readonly int[] _starts = new int[Size];
    readonly float[][] _weights = new float[Size][];
    readonly float[] _sums;

    /// <param name="side">Width and height of the network's input.</param>
    public Thumbnail(int side)
    {
        _side = side;
        _sums = new float[side];
        for (int cell = 0; cell < Size; cell++)
        {
            // In sixteenths of a pixel: a cell is as long as the side, and a pixel 16.
            long from = (long)cell * side, to = from + side;
            int first = (int)(from / Size), end = (int)((to + Size - 1) / Size);
            float[] weights = new float[end - first];
            for (int i = 0; i < weights.Length; i++)
            {
                long pixel = (long)(first + i) * Size;
                weights[i] = (float)(Math.Min(to, pixel + Size) - Math.Max(from, pixel)) / side;
            }
            (_starts[cell], _weights[cell]) = (first, weights);
        }
    }

    /// <summary>The averages of an input of -1024 to 1024, as 0 to 1.</summary>
    /// <param name="input">The network's input, its rows one after the other.</param>
    /// <param name="averages">Takes <see cref="Length"/> of them.</param>
    public void Average(ReadOnlySpan<float> input, Span<float> averages)
    {
        averages = averages[..Length];
        for (int y = 0; y < Size; y++)
        {
            Span<float> sums = _sums;
            sums.Clear();
            for (int i = 0; i < _weights[y].Length; i++)
                TensorPrimitives.MultiplyAdd(input.Slice((_starts[y] + i) * _side, _side), _weights[y][i], sums, sums);
            for (int x = 0; x < Size; x++)
                averages[y * Size + x] = TensorPrimitives.Dot<float>(sums.Slice(_starts[x], _weights[x].Length), _weights[x]);
        }
        TensorPrimitives.Multiply(averages, 0.5f / Preprocessor.Amplitude, averages);
        TensorPrimitives.Add(averages, 0.5f, averages);
    }

    /// <summary>Takes brightness and contrast out of averages: their mean becomes 0 and their norm nearly 1.</summary>
    public static void Normalize(Span<float> averages)
    {
        TensorPrimitives.Subtract(averages, TensorPrimitives.Sum<float>(averages) / averages.Length, averages);
        TensorPrimitives.Divide(averages, TensorPrimitives.Norm<float>(averages) + (float)Epsilon, averages);
    }
}
