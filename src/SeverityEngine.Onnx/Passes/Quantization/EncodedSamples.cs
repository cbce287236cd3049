using System.Numerics.Tensors;

namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>
/// A value under some windows: the network's own numbers and their quantized values, in rows of the window's pixels' columns.
/// </summary>
/// <param name="Columns">The length of a row.</param>
/// <param name="Real">The numbers.</param>
/// <param name="Bytes">The quantized values.</param>
sealed record EncodedSamples(int Columns, float[] Real, byte[] Bytes)
{
    public int Rows => Real.Length / Columns;

    /// <param name="samples">Rows of the network's channels, for each place of a window.</param>
    /// <param name="sources">The number of the network's channels.</param>
    /// <param name="places">Of a window.</param>
    /// <param name="channels">The channels to encode them in.</param>
    public static EncodedSamples Of(float[] samples, int sources, int places, IReadOnlyList<QuantizedChannel> channels)
    {
        int rows = samples.Length / sources, columns = channels.Count * places;
        float[] real = new float[rows * channels.Count];
        byte[] bytes = new byte[real.Length];
        for (int i = 0; i < real.Length; i++)
        {
            QuantizedChannel channel = channels[i % channels.Count];
            double part = channel.Part(samples[(i / channels.Count * sources) + channel.Source]);
            real[i] = (float)part;
            bytes[i] = channel.Quantize(part);
        }
        return new EncodedSamples(columns, real, bytes);
    }

    public static EncodedSamples Join(IReadOnlyList<EncodedSamples> parts)
    {
        int rows = parts[0].Rows, columns = parts.Sum(p => p.Columns), at = 0;
        float[] real = new float[rows * columns];
        byte[] bytes = new byte[rows * columns];
        foreach (EncodedSamples part in parts)
        {
            for (int row = 0; row < rows; row++)
            {
                part.Real.AsSpan(row * part.Columns, part.Columns).CopyTo(real.AsSpan((row * columns) + at));
                part.Bytes.AsSpan(row * part.Columns, part.Columns).CopyTo(bytes.AsSpan((row * columns) + at));
            }
            at += part.Columns;
        }
        return new EncodedSamples(columns, real, bytes);
    }

    /// <summary>The averages of each column's numbers and of its quantized values.</summary>
    public (double[] Real, double[] Bytes) Means()
    {
        double[] real = new double[Columns], bytes = new double[Columns];
        for (int i = 0; i < Real.Length; i++)
        {
            real[i % Columns] += (double)Real[i] / Rows;
            bytes[i % Columns] += (double)Bytes[i] / Rows;
        }
        return (real, bytes);
    }

    /// <summary>
    /// The covariance of the columns' quantized values: the averages of the products of their deviations from their means.
    /// </summary>
    public float[] Covariance(double[] means)
    {
        float[] sum = new float[Columns * Columns], row = new float[Columns];
        for (int r = 0; r < Rows; r++)
        {
            double root = Math.Sqrt(1.0 / Rows);
            for (int i = 0; i < Columns; i++)
                row[i] = (float)(root * (Bytes[(r * Columns) + i] - means[i]));
            for (int i = 0; i < Columns; i++)
            {
                if (row[i] != 0)
                    TensorPrimitives.MultiplyAdd(row, row[i], sum.AsSpan(i * Columns, Columns), sum.AsSpan(i * Columns, Columns));
            }
        }
        return sum;
    }
}
