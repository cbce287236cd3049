namespace SeverityEngine;

/// <summary>Steele, Lea and Flood's SplitMix64 (OOPSLA 2014): the same numbers on every machine and in every version of .NET.</summary>
struct SplitMix64(ulong seed)
{
    const ulong Increment = 0x9E3779B97F4A7C15;

    ulong _state = seed;

    public ulong Next()
    {
        _state += Increment;
        return Mix(_state);
    }

    /// <summary>
    /// A whole number from 0 up to, but without, <paramref name="count"/>: each as often as the others to within count / 2^64, by Lemire's
    /// multiplication (Fast Random Integer Generation in an Interval, 2019).
    /// </summary>
    public int Next(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>A number from <paramref name="low"/> up to, but without, <paramref name="high"/>.</summary>
    public float Next(float low, float high) => low + (high - low) * Unit(Next());

    /// <summary>The generator's output function: a good 64-bit hash.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>The top 24 bits, all that a float holds, as 0 to 1.</summary>
    public static float Unit(ulong bits) => (bits >> 40) * (1f / (1 << 24));
}
