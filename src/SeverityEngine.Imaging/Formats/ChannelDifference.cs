namespace SeverityEngine.Imaging.Formats;

/// <summary>
/// How far a picture's second and third channels are from its first, red, on the average: the question whether it is a colored one, of
/// which red alone tells little. Every 17th pixel is looked at: an average needs no more, and it costs little beside decoding.
/// </summary>
/// <param name="maxValue">The value of full white.</param>
sealed class ChannelDifference(int maxValue = byte.MaxValue)
{
    /// <summary>Of 255 levels: colored marks on an X-ray, and the tints of journals' figures, stay below.</summary>
    const int Levels = 6;

    const int Step = 17;

    long _second, _third, _count;
    int _next;

    /// <summary>Whether a channel is 6 levels of 255 or more from the first, on the average over the pixels that were added.</summary>
    public bool IsLarge => _count > 0 && Math.Max(_second, _third) * byte.MaxValue >= (long)Levels * maxValue * _count;

    /// <summary>Which of the next pixels to add: every 17th, going on from the pixels before.</summary>
    /// <param name="count">How many pixels there are.</param>
    /// <returns>Numbers from 0 to <paramref name="count"/> - 1.</returns>
    public Sample Of(int count)
    {
        int first = _next;
        // The first of the pixels after these.
        _next = first >= count ? first - count : Step - 1 - (count - 1 - first) % Step;
        return new Sample(first, count);
    }

    /// <summary>Adds a pixel, in values up to that of full white.</summary>
    public void Add(int first, int second, int third) => Add(first, second, third, 1);

    /// <summary>Adds the next pixels, which are all alike; which of them to look at makes no difference.</summary>
    public void AddAlike(int count, int first, int second, int third) => Add(first, second, third, Of(count).Count);

    void Add(int first, int second, int third, int count)
    {
        _second += (long)count * Math.Abs(second - first);
        _third += (long)count * Math.Abs(third - first);
        _count += count;
    }

    /// <summary>Numbers of pixels, for foreach.</summary>
    public struct Sample(int first, int end)
    {
        public readonly int Count => first < end ? (end - 1 - first) / Step + 1 : 0;

        public int Current { get; private set; } = first - Step;

        public readonly Sample GetEnumerator() => this;

        public bool MoveNext() => (Current += Step) < end;
    }
}
