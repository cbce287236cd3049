using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SeverityEngine.Interop;

namespace SeverityEngine.Kernels;

/// <summary>
/// Puts new channels behind those that pixels have, and gives all of them clamped, each channel to its own bounds. Pixels
/// <c>[N, H, W, channels]</c>, a byte a channel and, in vectors, a lane.
/// </summary>
sealed unsafe class DenseClampKernel : IDisposable
{
    /// <summary>
    /// Bytes of results that one part makes: what it reads and writes stays in a core's own cache, and starting a part takes a small share
    /// of its time.
    /// </summary>
    const int BytesOfPart = 64 << 10;

    readonly AlignedBuffer _bounds;
    readonly KernelSet _kernels;

    /// <summary>Takes the bounds over.</summary>
    /// <param name="floor">The least that each channel may be.</param>
    /// <param name="ceiling">The most; it prevails over the least.</param>
    /// <param name="kernels">Whose vectors compute.</param>
    public DenseClampKernel(ReadOnlySpan<byte> floor, ReadOnlySpan<byte> ceiling, KernelSet kernels)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(ceiling.Length, floor.Length);
        Channels = floor.Length;
        _kernels = kernels;
        _bounds = new AlignedBuffer(checked((2 * Channels) + sizeof(float) - 1) / sizeof(float), zeroed: false);
        floor.CopyTo(new Span<byte>(Floor, Channels));
        ceiling.CopyTo(new Span<byte>(Ceiling, Channels));
    }

    /// <summary>Channels that are clamped, the new ones with them.</summary>
    public int Channels { get; }

    byte* Floor => (byte*)_bounds.Address;

    byte* Ceiling => Floor + Channels;

    /// <summary>How many parts the work is done in, one or an even number for two threads; they are independent of each other.</summary>
    /// <param name="pixels">Pixels of all images.</param>
    public int PartsOf(int pixels)
    {
        long bytes = (long)pixels * Channels;
        return bytes <= BytesOfPart ? 1 : (int)Math.Min(pixels, 2 * ((bytes + (2 * BytesOfPart) - 1) / (2 * BytesOfPart)));
    }

    /// <summary>Does one part of the work.</summary>
    /// <param name="image">The pixels: the last of the first <see cref="Channels"/> of each take the new ones.</param>
    /// <param name="stride">Bytes from one pixel to the next.</param>
    /// <param name="added">The new channels, pixel by pixel.</param>
    /// <param name="more">How many they are, at most <see cref="Channels"/>.</param>
    /// <param name="clamped">Takes the results, <c>[pixels, Channels]</c>.</param>
    /// <param name="pixels">Pixels of all images.</param>
    /// <param name="part">Which part, from 0 on.</param>
    public void Run(byte* image, nint stride, byte* added, int more, byte* clamped, int pixels, int part)
    {
        int parts = PartsOf(pixels);
        nint first = (nint)((long)pixels * part / parts), end = (nint)((long)pixels * (part + 1) / parts);
        byte* floor = Floor, ceiling = Ceiling;
        int channels = Channels;
        for (nint pixel = first; pixel < end; pixel++)
        {
            byte* from = image + (pixel * stride), to = clamped + (pixel * channels);
            Copy(added + (pixel * more), from + channels - more, more);
            int channel = 0;
            if (_kernels >= KernelSet.Avx2)
            {
                for (; channel <= channels - Vector256<byte>.Count; channel += Vector256<byte>.Count)
                {
                    Vector256.Min(Vector256.Max(Vector256.Load(from + channel), Vector256.Load(floor + channel)),
                        Vector256.Load(ceiling + channel)).Store(to + channel);
                }
            }
            if (_kernels >= KernelSet.Vector128)
            {
                for (; channel <= channels - Vector128<byte>.Count; channel += Vector128<byte>.Count)
                {
                    Vector128.Min(Vector128.Max(Vector128.Load(from + channel), Vector128.Load(floor + channel)),
                        Vector128.Load(ceiling + channel)).Store(to + channel);
                }
            }
            for (; channel < channels; channel++)
                to[channel] = Math.Min(Math.Max(from[channel], floor[channel]), ceiling[channel]);
        }
    }

    public void Dispose() => _bounds.Dispose();

    /// <summary>A few bytes, for which a call takes longer than the copy: 32 at a time, as many as most layers make.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Copy(byte* from, byte* to, int count)
    {
        int at = 0;
        for (; at <= count - Vector256<byte>.Count; at += Vector256<byte>.Count)
            Vector256.Load(from + at).Store(to + at);
        for (; at < count; at++)
            to[at] = from[at];
    }
}
