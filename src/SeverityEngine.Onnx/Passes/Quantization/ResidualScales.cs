namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>
/// The quantized channels of values that are added to each other. The runtime adds uint8 tensors of one scale each, so an addend's scales
/// must be to the sum's as one number to another, in all channels. Sums that share addends share these proportions: those of a stage of a
/// residual network, from its first block to its last.
/// </summary>
sealed class ResidualScales
{
    readonly Dictionary<string, IReadOnlyList<QuantizedChannel>> _channels = [];

    /// <summary>A value's channels; null where nothing is added to it.</summary>
    public IReadOnlyList<QuantizedChannel>? Find(string value) => _channels.GetValueOrDefault(value);

    public static ResidualScales Of(IReadOnlyList<Step> steps, IReadOnlyDictionary<string, ActivationStatistics> statistics)
    {
        Dictionary<string, string> joined = [];
        foreach (Step step in steps)
        {
            if (step is AddStep or MaxPoolStep or AveragePoolStep or ThresholdStep { Map: null })
                Join(step.Input, step.Output);
            if (step is AddStep add)
                Join(add.Second, add.Output);
        }
        ResidualScales scales = new();
        foreach (IGrouping<string, Step> stage in steps.Where(s => s is EntryStep or ConvStep or AddStep).GroupBy(s => First(s.Output)))
        {
            if (stage.OfType<AddStep>().Any())
                scales.Add([.. stage.Select(s => ValueRange.Of(s, statistics[s.Output]))], stage.OfType<AddStep>(), IsReadOnce);
        }
        return scales;

        string First(string value) => joined.TryGetValue(value, out string? next) ? First(next) : value;

        bool IsReadOnce(string value) => steps.Count(s => s.Input == value || s.Node.Inputs.Contains(value)) == 1;

        void Join(string a, string b)
        {
            if (First(a) is var first && First(b) is var second && first != second)
                joined.Add(first, second);
        }
    }

    void Add(ValueRange[] values, IEnumerable<AddStep> sums, Predicate<string> isReadOnce)
    {
        foreach (AddStep sum in sums.Where(s => s.Relu))
        {
            foreach ((string one, string other) in (ReadOnlySpan<(string, string)>)[(sum.Input, sum.Second), (sum.Second, sum.Input)])
            {
                if (isReadOnce(one) && Array.Find(values, v => v.Name == one) is { } addend
                    && Array.Find(values, v => v.Name == other) is { } beside)
                    addend.CutBelow(beside);
            }
        }
        double[] profile = new double[values[0].Low.Length];
        foreach (ValueRange value in values)
        {
            double[] lengths = [.. value.High.Zip(value.Low, (high, low) => high - low)];
            double largest = lengths.Max();
            for (int channel = 0; channel < profile.Length && largest > 0; channel++)
                profile[channel] = Math.Max(profile[channel], lengths[channel] / largest);
        }
        // A channel that was 0 in all images may have more to say in others.
        for (int channel = 0; channel < profile.Length; channel++)
            profile[channel] = profile[channel] == 0 ? 1 : profile[channel];
        foreach (ValueRange value in values)
            _channels.Add(value.Name, value.Channels(profile));
    }

    /// <summary>What a value reaches in each channel: 0, and what was seen with <see cref="QuantizedRange.Headroom"/>.</summary>
    sealed record ValueRange(string Name, double[] Low, double[] High)
    {
        public static ValueRange Of(Step step, ActivationStatistics seen)
        {
            bool positive = step is EntryStep { Relu: true } or ConvStep { Relu: true } or AddStep { Relu: true };
            return new ValueRange(step.Output,
                [.. seen.Minimum.Select(m => positive ? 0 : Math.Min(m, 0) * QuantizedRange.Headroom)],
                [.. seen.Maximum.Select(m => Math.Max(m, 0) * QuantizedRange.Headroom)]);
        }

        /// <summary>A sum with a ReLU behind it is 0 for every addend that is as far below 0 as the other ever is above.</summary>
        public void CutBelow(ValueRange other)
        {
            for (int channel = 0; channel < Low.Length; channel++)
                Low[channel] = Math.Max(Low[channel], -other.High[channel]);
        }

        /// <summary>The finest scales in these proportions, and the zero point, that hold the value in all channels.</summary>
        public QuantizedChannel[] Channels(double[] profile)
        {
            double below = -Low.Zip(profile, (low, part) => low / part).Min(), above = High.Zip(profile, (high, part) => high / part).Max();
            double zero = below > 0 ? Math.Clamp(Math.Round(255 * below / (below + above)), 1, 254) : 0;
            double scale = Math.Max(below > 0 ? below / zero : 0, above / (255 - zero));
            if (scale == 0)
                scale = 1.0 / 255; // the value is 0
            return [.. profile.Select((part, channel) => new QuantizedChannel(channel, scale * part, -zero * scale * part))];
        }
    }
}
