namespace SeverityEngine.Preprocessing;

/// <summary>
/// One axis of the anti-aliased resize, multiplied out: for each output, a short run of weights over the inputs. The filter and the
/// sampling are both linear, so their product is one sparse matrix, and the square crop lets both axes share it.
/// </summary>
/// <remarks>
/// The definition is scikit-image's <c>resize</c> with <c>mode='constant'</c>: for a factor f above 1 a Gaussian of sigma (f - 1) / 2,
/// truncated at 4 sigma and normalized, the outside taken as 0; then linear sampling at f (i + 0.5) - 0.5, the outside again 0.
/// </remarks>
sealed class ResampleWeights
{
    /// <summary>Sizes kept; an archive has few, and a run of weights is small beside one image.</summary>
    const int CacheCapacity = 32;

    /// <summary>The Gaussian's radius in sigmas, scikit-image's and scipy's default.</summary>
    const double Truncate = 4.0;

    // Replaced whole, so that readers need no lock; a dictionary would allocate comparers at its first hit.
    static ResampleWeights[] s_cache = [];

    readonly int[] _starts;
    readonly int[] _offsets;
    readonly float[] _weights;
    readonly float[] _sums;

    ResampleWeights(int inputs, int outputs)
    {
        Inputs = inputs;
        Outputs = outputs;
        _starts = new int[outputs];
        _offsets = new int[outputs + 1];
        _sums = new float[outputs];

        double factor = (double)inputs / outputs;
        double[] kernel = GaussianKernel(Math.Max(0, (factor - 1) / 2));
        int radius = kernel.Length / 2;
        double[] run = new double[kernel.Length + 1];
        List<float> weights = new(outputs * run.Length);
        for (int i = 0; i < outputs; i++)
        {
            double position = factor * (i + 0.5) - 0.5;
            int left = (int)Math.Floor(position);
            double fraction = position - left;
            Array.Clear(run);
            AddSample(left, 1 - fraction);
            AddSample(left + 1, fraction);

            int first = Math.Max(0, left - radius);
            int end = Math.Min(inputs, left + 1 + radius + 1);
            _starts[i] = first;
            double sum = 0;
            for (int p = first; p < end; p++)
            {
                double weight = run[p - (left - radius)];
                weights.Add((float)weight);
                sum += weight;
            }
            _sums[i] = (float)sum;
            _offsets[i + 1] = weights.Count;

            void AddSample(int at, double share)
            {
                if ((uint)at >= (uint)inputs)
                    return; // a sample outside the picture is 0, whatever the filter would have carried there
                for (int k = 0; k < kernel.Length; k++)
                    run[at - left + k] += share * kernel[k];
            }
        }
        _weights = [.. weights];
        MaxOverlap = CountOverlap();
    }

    /// <summary>Inputs along the axis.</summary>
    public int Inputs { get; }

    /// <summary>Outputs along the axis.</summary>
    public int Outputs { get; }

    /// <summary>The most outputs that one input has a part in.</summary>
    public int MaxOverlap { get; }

    /// <summary>The weights of one axis, from the cache where that size was seen before.</summary>
    public static ResampleWeights For(int inputs, int outputs)
    {
        ResampleWeights[] cache = Volatile.Read(ref s_cache);
        foreach (ResampleWeights known in cache)
        {
            if (known.Inputs == inputs && known.Outputs == outputs)
                return known;
        }
        ResampleWeights made = new(inputs, outputs);
        // The newest first, the oldest goes. Two threads that make one at a time may keep one of the two: the other is made again.
        Volatile.Write(ref s_cache, [made, .. cache.AsSpan(0, Math.Min(cache.Length, CacheCapacity - 1))]);
        return made;
    }

    /// <summary>The first input that output <paramref name="i"/> reads.</summary>
    public int Start(int i) => _starts[i];

    /// <summary>The input after the last that output <paramref name="i"/> reads.</summary>
    public int End(int i) => _starts[i] + _offsets[i + 1] - _offsets[i];

    /// <summary>The weights of output <paramref name="i"/>, from its <see cref="Start"/> on.</summary>
    public ReadOnlySpan<float> Weights(int i) => _weights.AsSpan(_offsets[i].._offsets[i + 1]);

    /// <summary>The sum of an output's weights: 1 inside, less where the outside has a part.</summary>
    public float Sum(int i) => _sums[i];

    static double[] GaussianKernel(double sigma)
    {
        if (sigma == 0)
            return [1];
        int radius = (int)(Truncate * sigma + 0.5);
        double[] kernel = new double[2 * radius + 1];
        double sum = 0;
        for (int k = -radius; k <= radius; k++)
            sum += kernel[k + radius] = Math.Exp(-0.5 * k * k / (sigma * sigma));
        for (int k = 0; k < kernel.Length; k++)
            kernel[k] /= sum;
        return kernel;
    }

    int CountOverlap()
    {
        // Starts and ends both rise with i, so the outputs that read one input are neighbors.
        int most = 0, first = 0;
        for (int last = 0; last < Outputs; last++)
        {
            while (End(first) <= Start(last))
                first++;
            most = Math.Max(most, last - first + 1);
        }
        return most;
    }
}
