using System.Numerics;

namespace SeverityEngine.Imaging.Dicom;

/// <summary>
/// From stored words to pixels: the bits that count, signed ones moved up so that the smallest is 0, held to the largest value, and turned
/// over where 0 is white. No window, rescaling or table: the published system uses none (its loader, torchxrayvision's
/// <c>read_xray_dcm</c>, divides by 2^BitsStored - 1).
/// </summary>
/// <param name="Shift">Bits below those that count.</param>
/// <param name="Bits">How many count, 1 to 16.</param>
/// <param name="IsSigned">Whether they are a two's complement.</param>
/// <param name="IsClamped">
/// Whether a value above the largest is held to it, as decoders of lossy forms overshoot; else its upper bits do not count.
/// </param>
/// <param name="IsInverted">Whether 0 is white (MONOCHROME1).</param>
readonly record struct DicomSamples(int Shift, int Bits, bool IsSigned, bool IsClamped, bool IsInverted)
{
    /// <summary>The value of full white.</summary>
    public int Largest => (1 << Bits) - 1;

    /// <summary>Maps words, in place if both spans are one.</summary>
    /// <returns>The smallest and the largest pixel, before turning over.</returns>
    public (int Least, int Most) Map(ReadOnlySpan<ushort> words, Span<ushort> pixels)
    {
        int vectors = words.Length - words.Length % Vector<ushort>.Count;
        ushort least = ushort.MaxValue, most = 0;
        if (vectors > 0)
        {
            // A lane is a pixel.
            Vector<ushort> mask = new(IsClamped ? ushort.MaxValue : (ushort)Largest), sign = new(SignBit), largest = new((ushort)Largest);
            Vector<ushort> lowest = new(ushort.MaxValue), highest = default, turn = new(IsInverted ? (ushort)Largest : (ushort)0);
            for (int i = 0; i < vectors; i += Vector<ushort>.Count)
            {
                Vector<ushort> value = (Vector.ShiftRightLogical(new Vector<ushort>(words[i..]), Shift) & mask) ^ sign;
                value = Vector.Min(value, largest);
                lowest = Vector.Min(lowest, value);
                highest = Vector.Max(highest, value);
                // The largest value has ones in all its bits: turning them over subtracts from it.
                (value ^ turn).CopyTo(pixels[i..]);
            }
            for (int i = 0; i < Vector<ushort>.Count; i++)
                (least, most) = (Math.Min(least, lowest[i]), Math.Max(most, highest[i]));
        }
        (int restLeast, int restMost) = MapScalar(words[vectors..], pixels[vectors..]);
        return (Math.Min(least, restLeast), Math.Max(most, restMost));
    }

    /// <summary>The same, a word at a time.</summary>
    public (int Least, int Most) MapScalar(ReadOnlySpan<ushort> words, Span<ushort> pixels)
    {
        int least = ushort.MaxValue, most = 0;
        for (int i = 0; i < words.Length; i++)
        {
            int value = Pixel(words[i]);
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
            pixels[i] = (ushort)(IsInverted ? Largest - value : value);
        }
        return (least, most);
    }

    /// <summary>Maps bytes, in place if both spans are one.</summary>
    /// <returns>The smallest and the largest pixel, before turning over.</returns>
    public (int Least, int Most) Map(ReadOnlySpan<byte> bytes, Span<byte> pixels)
    {
        Span<byte> table = stackalloc byte[256];
        Span<bool> used = stackalloc bool[256];
        used.Clear();
        for (int i = 0; i < table.Length; i++)
            table[i] = (byte)(IsInverted ? Largest - Pixel(i) : Pixel(i));
        for (int i = 0; i < bytes.Length; i++)
        {
            used[bytes[i]] = true;
            pixels[i] = table[bytes[i]];
        }
        int least = Largest, most = 0;
        for (int i = 0; i < used.Length; i++)
        {
            if (used[i])
                (least, most) = (Math.Min(least, Pixel(i)), Math.Max(most, Pixel(i)));
        }
        return (least, most);
    }

    ushort SignBit => IsSigned ? (ushort)(1 << (Bits - 1)) : (ushort)0;

    int Pixel(int word)
    {
        int value = word >> Shift;
        if (!IsClamped)
            value &= Largest;
        return Math.Min(value ^ SignBit, Largest);
    }
}
