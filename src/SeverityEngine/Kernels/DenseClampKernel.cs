using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SeverityEngine.Interop;

namespace SeverityEngine.Kernels;

/// <summary>
/// Gives new channels with those that pixels have, clamped, each channel to its own bounds: pixel by pixel, and the new ones are put behind
/// the others; or as the average of every 2 x 2 pixels. Pixels <c>[N, H, W, channels]</c>, a byte a channel and, in vectors, a lane.
/// </summary>
sealed unsafe class DenseClampKernel : IDisposable
{
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

    /// <summary>The parts of <see cref="Run"/>.</summary>
    /// <param name="pixels">Pixels of all images.</param>
    public int PartsOf(int pixels) => PixelParts.Of(pixels, Channels);

    /// <summary>
    /// The parts of <see cref="RunAverage"/>: a row of averages takes as much memory to and fro as a row of pixels that is clamped.
    /// </summary>
    public int AveragePartsOf(int images, int height, int width) =>
        PixelParts.Of(checked(images * (height / 2)), (long)width * Channels);

    /// <summary>Does one part of the work that gives every pixel.</summary>
    /// <param name="image">The pixels: the last of the first <see cref="Channels"/> of each take the new ones.</param>
    /// <param name="stride">Bytes from one pixel to the next.</param>
    /// <param name="added">The new channels, pixel by pixel.</param>
    /// <param name="more">How many they are, at most <see cref="Channels"/>.</param>
    /// <param name="clamped">Takes the results, <c>[pixels, Channels]</c>.</param>
    /// <param name="pixels">Pixels of all images.</param>
    /// <param name="part">Which part, from 0 on.</param>
    public void Run(byte* image, nint stride, byte* added, int more, byte* clamped, int pixels, int part)
    {
        (nint first, nint end) = PixelParts.Range(pixels, part, PartsOf(pixels));
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
                    Clamp(from + channel, Vector256.Load(floor + channel), Vector256.Load(ceiling + channel)).Store(to + channel);
                }
            }
            if (_kernels >= KernelSet.Vector128)
            {
                for (; channel <= channels - Vector128<byte>.Count; channel += Vector128<byte>.Count)
                {
                    Clamp(from + channel, Vector128.Load(floor + channel), Vector128.Load(ceiling + channel)).Store(to + channel);
                }
            }
            for (; channel < channels; channel++)
                to[channel] = Clamp(from[channel], floor[channel], ceiling[channel]);
        }
    }

    /// <summary>Does one part of the work that gives averages.</summary>
    /// <param name="image">The pixels, of which the first channels are read, as many as are not new.</param>
    /// <param name="stride">Bytes from one pixel to the next.</param>
    /// <param name="added">The new channels, pixel by pixel.</param>
    /// <param name="more">How many they are, at most <see cref="Channels"/>.</param>
    /// <param name="averages">Takes the results, <c>[images, height / 2, width / 2, Channels]</c>.</param>
    /// <param name="images">How many images.</param>
    /// <param name="height">Rows of an image.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="part">Which part, from 0 on.</param>
    public void RunAverage(
        byte* image, nint stride, byte* added, int more, byte* averages, int images, int height, int width, int part)
    {
        int rows = height / 2, columns = width / 2, old = Channels - more;
        (nint first, nint end) = PixelParts.Range(images * rows, part, AveragePartsOf(images, height, width));
        for (nint row = first; row < end; row++)
        {
            nint pixel = ((row / rows * height) + (row % rows * 2)) * width;
            byte* to = averages + (row * columns * Channels);
            for (int column = 0; column < columns; column++, pixel += 2, to += Channels)
            {
                Average(image + (pixel * stride), stride, width * stride, 0, old, to);
                Average(added + (pixel * more), more, (nint)width * more, old, more, to + old);
            }
        }
    }

    public void Dispose() => _bounds.Dispose();

    /// <summary>The averages of four pixels' channels, of which the first has its bounds at <paramref name="at"/>.</summary>
    void Average(byte* from, nint right, nint below, int at, int count, byte* to)
    {
        byte* floor = Floor + at, ceiling = Ceiling + at;
        int channel = 0;
        if (_kernels >= KernelSet.Avx2)
        {
            for (; channel <= count - Vector256<byte>.Count; channel += Vector256<byte>.Count)
            {
                Vector256<byte> least = Vector256.Load(floor + channel), most = Vector256.Load(ceiling + channel);
                byte* pixel = from + channel;
                Average(Clamp(pixel, least, most), Clamp(pixel + right, least, most), Clamp(pixel + below, least, most),
                    Clamp(pixel + below + right, least, most)).Store(to + channel);
            }
        }
        if (_kernels >= KernelSet.Vector128)
        {
            for (; channel <= count - Vector128<byte>.Count; channel += Vector128<byte>.Count)
            {
                Vector128<byte> least = Vector128.Load(floor + channel), most = Vector128.Load(ceiling + channel);
                byte* pixel = from + channel;
                Average(Clamp(pixel, least, most), Clamp(pixel + right, least, most), Clamp(pixel + below, least, most),
                    Clamp(pixel + below + right, least, most)).Store(to + channel);
            }
        }
        for (; channel < count; channel++)
        {
            byte least = floor[channel], most = ceiling[channel];
            byte* pixel = from + channel;
            to[channel] = (byte)Quarter(Clamp(pixel[0], least, most) + Clamp(pixel[right], least, most)
                + Clamp(pixel[below], least, most) + Clamp(pixel[below + right], least, most));
        }
    }

    static byte Clamp(byte value, byte least, byte most) => Math.Min(Math.Max(value, least), most);

    static Vector128<byte> Clamp(byte* from, Vector128<byte> least, Vector128<byte> most) =>
        Vector128.Min(Vector128.Max(Vector128.Load(from), least), most);

    static Vector256<byte> Clamp(byte* from, Vector256<byte> least, Vector256<byte> most) =>
        Vector256.Min(Vector256.Max(Vector256.Load(from), least), most);

    /// <summary>The averages of four bytes, in lanes of 16 bits between: sums reach 1020.</summary>
    static Vector128<byte> Average(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c, Vector128<byte> d) => Vector128.Narrow(
        Quarter(Vector128.WidenLower(a) + Vector128.WidenLower(b) + Vector128.WidenLower(c) + Vector128.WidenLower(d)),
        Quarter(Vector128.WidenUpper(a) + Vector128.WidenUpper(b) + Vector128.WidenUpper(c) + Vector128.WidenUpper(d)));

    static Vector256<byte> Average(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c, Vector256<byte> d) => Vector256.Narrow(
        Quarter(Vector256.WidenLower(a) + Vector256.WidenLower(b) + Vector256.WidenLower(c) + Vector256.WidenLower(d)),
        Quarter(Vector256.WidenUpper(a) + Vector256.WidenUpper(b) + Vector256.WidenUpper(c) + Vector256.WidenUpper(d)));

    /// <summary>
    /// A quarter, rounded to the nearest, halves to the even number: 1 carries a remainder of 3 over, and where the quotient is odd, 1 more
    /// carries a remainder of 2.
    /// </summary>
    static int Quarter(int sum) => (sum + 1 + ((sum >> 2) & 1)) >> 2;

    static Vector128<ushort> Quarter(Vector128<ushort> sum) =>
        (sum + Vector128<ushort>.One + ((sum >>> 2) & Vector128<ushort>.One)) >>> 2;

    static Vector256<ushort> Quarter(Vector256<ushort> sum) =>
        (sum + Vector256<ushort>.One + ((sum >>> 2) & Vector256<ushort>.One)) >>> 2;

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
