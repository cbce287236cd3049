using System.Buffers;
using SeverityEngine.Interop;

namespace SeverityEngine.IO;

/// <summary>
/// The arrays that files and pictures are held in. Those of up to <see cref="Small"/> bytes are the shared pool's. That keeps an array of
/// every power of two for every thread, which after some large pictures is more than a process may hold: larger ones are made to measure,
/// and a few are kept for the next, <see cref="MostKept"/> bytes in all.
/// </summary>
static class FilePool
{
    /// <summary>The longest array that is left to the shared pool: 1 MiB.</summary>
    public const int Small = 1 << 20;

    /// <summary>The bytes that are kept: 64 MiB, some ten X-rays.</summary>
    public const long MostKept = 64L << 20;

    /// <summary>The most bytes of arrays that were dropped and of one that is asked for, before the collector is called: 128 MiB.</summary>
    const long MostDropped = 128L << 20;

    // The one that has waited longest first.
    static readonly List<byte[]> s_kept = [];
    static readonly Lock s_gate = new();
    static long s_bytes, s_dropped;

    /// <summary>The bytes of large arrays that are kept now.</summary>
    public static long Kept => Interlocked.Read(ref s_bytes);

    /// <summary>An array of at least so many bytes, of any content; to be given back by <see cref="Return"/>.</summary>
    public static byte[] Rent(int length)
    {
        if (length <= Small)
            return ArrayPool<byte>.Shared.Rent(length);
        lock (s_gate)
        {
            // An array of twice the length is better used for a larger picture.
            int best = -1;
            for (int i = 0; i < s_kept.Count; i++)
            {
                int size = s_kept[i].Length;
                if (size >= length && size / 2 <= length && (best < 0 || size < s_kept[best].Length))
                    best = i;
            }
            if (best >= 0)
                return Take(best);
            if (s_dropped > 0 && s_dropped + length > MostDropped)
            {
                // Scoring makes hardly any other garbage, so that the collector would not come in time by itself. X-rays never lead here:
                // what they need is kept.
                s_dropped = 0;
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            }
        }
        return HugePages.Allocate(length);
    }

    /// <summary>Takes an array back; it is the caller's no more.</summary>
    public static void Return(byte[] array)
    {
        // Arrays of the shared pool have a power of two of bytes.
        if (array.Length <= Small)
        {
            ArrayPool<byte>.Shared.Return(array);
            return;
        }
        lock (s_gate)
        {
            if (array.Length > MostKept)
            {
                s_dropped += array.Length;
                return;
            }
            while (s_bytes + array.Length > MostKept)
                s_dropped += Take(0).Length;
            s_kept.Add(array);
            s_bytes += array.Length;
        }
    }

    static byte[] Take(int index)
    {
        byte[] array = s_kept[index];
        s_kept.RemoveAt(index);
        s_bytes -= array.Length;
        return array;
    }
}
