namespace SeverityEngine.Kernels;

/// <summary>How work on pixels that are independent of each other is shared between threads.</summary>
static class PixelParts
{
    /// <summary>
    /// Bytes of results that one part makes: what it reads and writes stays in a core's own cache, and starting a part takes a small share
    /// of its time.
    /// </summary>
    const int Bytes = 64 << 10;

    /// <summary>How many parts the work is done in, one or an even number for two threads, but no more than there are units.</summary>
    /// <param name="units">Pixels, or rows of them.</param>
    /// <param name="bytesOfUnit">Bytes of results that are made of one.</param>
    public static int Of(int units, long bytesOfUnit)
    {
        long bytes = units * bytesOfUnit;
        return bytes <= Bytes ? 1 : (int)Math.Min(units, 2 * ((bytes + (2 * Bytes) - 1) / (2 * Bytes)));
    }

    /// <summary>The units of a part.</summary>
    public static (nint First, nint End) Range(int units, int part, int parts) =>
        ((nint)((long)units * part / parts), (nint)((long)units * (part + 1) / parts));
}
