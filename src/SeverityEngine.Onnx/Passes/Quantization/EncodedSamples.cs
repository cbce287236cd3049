using System.Numerics.Tensors;

namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>A window over an image, and which of its pixels is the one that it stands at.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Top">The row of the pixel.</param>
/// <param name="Left">The column of the pixel.</param>
readonly record struct SampleWindow(int Height, int Width, int Top, int Left)
{
    public static SampleWindow Pixel => new(1, 1, 0, 0);

    public int Places => Height * Width;

    /// <summary>What a convolution reads for one pixel of its result.</summary>
    public static SampleWindow Of(OnnxNode convolution, IReadOnlyList<long> weight)
    {
        long[] pads = convolution.Attributes.GetInts("pads") ?? [0, 0, 0, 0];
        return new SampleWindow((int)weight[2], (int)weight[3], (int)pads[0], (int)pads[1]);
    }

    /// <summary>The smallest window that covers both.</summary>
    public SampleWindow Cover(SampleWindow other)
    {
        int top = Math.Max(Top, other.Top), left = Math.Max(Left, other.Left);
        return new SampleWindow(top + Math.Max(Height - Top, other.Height - other.Top),
            left + Math.Max(Width - Left, other.Width - other.Left), top, left);
    }
}

/// <summary>
/// A value under some windows: the network's own numbers and their quantized values, in rows of the window's pixels' columns.
/// </summary>
/// <param name="Columns">The length of a row.</param>
/// <param name="Real">The numbers.</param>
/// <param name="Bytes">The quantized values.</param>
/// <param name="Window">The window.</param>
sealed record EncodedSamples(int Columns, float[] Real, byte[] Bytes, SampleWindow Window)
{
    public int Rows => Real.Length / Columns;

    /// <param name="seen">The value's statistics, with rows of the network's channels for each place of the window.</param>
    /// <param name="window">The window.</param>
    /// <param name="channels">The channels to encode them in.</param>
    public static EncodedSamples Of(ActivationStatistics seen, SampleWindow window, IReadOnlyList<QuantizedChannel> channels)
    {
        float[] samples = seen.Samples;
        int sources = seen.Channels, rows = samples.Length / sources, columns = channels.Count * window.Places;
        float[] real = new float[rows * channels.Count];
        byte[] bytes = new byte[real.Length];
        for (int i = 0; i < real.Length; i++)
        {
            QuantizedChannel channel = channels[i % channels.Count];
            double part = channel.Part(samples[(i / channels.Count * sources) + channel.Source]);
            real[i] = (float)part;
            bytes[i] = channel.Quantize(part);
        }
        return new EncodedSamples(columns, real, bytes, window);
    }

    /// <summary>What lies under a window within the one that was sampled; null where it reaches beyond.</summary>
    public EncodedSamples? Under(SampleWindow window)
    {
        if (window == Window)
            return this;
        int down = Window.Top - window.Top, right = Window.Left - window.Left;
        if (down < 0 || right < 0 || down + window.Height > Window.Height || right + window.Width > Window.Width)
            return null;
        int channels = Columns / Window.Places, columns = channels * window.Places, length = channels * window.Width;
        float[] real = new float[Rows * columns];
        byte[] bytes = new byte[real.Length];
        for (int i = 0; i < Rows * window.Height; i++)
        {
            int row = i / window.Height, y = i % window.Height;
            int from = (row * Columns) + ((((y + down) * Window.Width) + right) * channels);
            Real.AsSpan(from, length).CopyTo(real.AsSpan(i * length));
            Bytes.AsSpan(from, length).CopyTo(bytes.AsSpan(i * length));
        }
        return new EncodedSamples(columns, real, bytes, window);
    }

    /// <summary>The pixels at which the windows stand, side by side.</summary>
    public static EncodedSamples Join(IEnumerable<EncodedSamples> samples)
    {
        EncodedSamples[] parts = [.. samples.Select(s => s.Under(SampleWindow.Pixel)!)];
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
        return new EncodedSamples(columns, real, bytes, SampleWindow.Pixel);
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
