using System.Numerics;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Bmp;

/// <summary>A BMP's palette.</summary>
/// <param name="entries">Its colors one after the other: blue, green, red, and perhaps a byte that is not used.</param>
/// <param name="entryBytes">Bytes from one color to the next: 3 or 4.</param>
readonly ref struct BmpPalette(ReadOnlySpan<byte> entries, int entryBytes)
{
    readonly ReadOnlySpan<byte> _entries = entries;

    public int Count => _entries.Length / entryBytes;

    public byte Red(int index) => _entries[index * entryBytes + 2];

    /// <summary>Adds a pixel of a color to what is known of how far channels are apart.</summary>
    public void AddTo(ChannelDifference difference, int index)
    {
        ReadOnlySpan<byte> color = _entries.Slice(index * entryBytes, 3);
        difference.Add(color[2], color[1], color[0]);
    }

    /// <summary>Adds the next pixels, which are all of one color.</summary>
    public void AddAlike(ChannelDifference difference, int count, int index)
    {
        ReadOnlySpan<byte> color = _entries.Slice(index * entryBytes, 3);
        difference.AddAlike(count, color[2], color[1], color[0]);
    }
}

/// <summary>A channel by its mask, as a value up to 255.</summary>
/// <remarks>
/// Up to 8 bits are scaled so that the largest value becomes 255, rounded down, as Pillow scales; of more, the upper 8 are kept, as netpbm
/// and GIMP keep them.
/// </remarks>
readonly struct BmpField
{
    readonly uint _mask, _largest;
    readonly int _shift;

    /// <param name="mask">Bits side by side, one at least.</param>
    public BmpField(uint mask)
    {
        int width = BitOperations.PopCount(mask);
        _mask = mask;
        _largest = width >= 8 ? 255 : (1u << width) - 1;
        _shift = BitOperations.TrailingZeroCount(mask) + Math.Max(0, width - 8);
    }

    public byte Of(uint pixel)
    {
        uint value = (pixel & _mask) >> _shift & 255;
        return (byte)(_largest < 255 ? value * 255 / _largest : value);
    }
}
