using System.Numerics;
using System.Runtime.CompilerServices;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>
/// The three coding passes over a bit plane of a code block (ITU-T T.800, D.3): the decoder's hottest loops. Columns without work are
/// passed by their flags alone, and in the others only the rows with work are gone through.
/// </summary>
static unsafe class Jpeg2000Passes
{
    /// <summary>Samples that are not significant, beside one that is.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // its variables take all registers
    public static void Significance(Jpeg2000Block* block, MqDecoder* decoder, int plane)
    {
        long distance = decoder->Distance, interval = decoder->Interval, code = decoder->Code;
        int bits = decoder->Bits;
        ulong* contexts = block->Contexts;
        byte* significance = block->Significance;
        int* samples = block->Samples;
        ulong* row = block->Flags;
        nint stride = block->Stride;
        uint value = 3u << plane; // the plane's bit, and half of it
        for (int stripe = block->Stripes; stripe > 0; stripe--, row += stride)
        {
            ulong* end = row + block->Width;
            for (ulong* at = row; at < end; at++, samples += 4)
            {
                ulong flags = *at;
                uint significant = (uint)(flags & Jpeg2000Block.Significant);
                if (significant == 0)
                    continue;
                uint rows = significant | significant >> 1 | significant >> 2;
                uint open = ~(uint)(flags >> Jpeg2000Block.OwnShift | flags >> Jpeg2000Block.VisitedShift) & Jpeg2000Block.Rows;
                uint todo = (rows | rows >> 3 | rows >> 6) & open;
                if (todo == 0)
                    continue;
                do
                {
                    int place = BitOperations.TrailingZeroCount(todo);
                    todo &= todo - 1;
                    ulong window = flags >> place;
                    flags |= 1UL << (Jpeg2000Block.VisitedShift + place);
                    ulong* context = contexts + significance[window & Jpeg2000Block.Neighbors];
                    if (MqDecoder.Decode(ref distance, ref interval, ref code, ref bits, decoder, context) == 0)
                        continue;
                    uint known = block->Signs[SignIndex(window)];
                    uint sign = MqDecoder.Decode(ref distance, ref interval, ref code, ref bits, decoder,
                        contexts + (known & ~Jpeg2000Contexts.Inverted)) ^ known >> 7;
                    samples[Jpeg2000Block.RowOf(place)] = (int)(value | sign << 31);
                    Jpeg2000Block.Mark(at, ref flags, place, sign, stride, block->IsCausal);
                    // The row below has a significant neighbor now.
                    todo |= 8u << place & open;
                }
                while (todo != 0);
                *at = flags;
            }
        }
        (decoder->Distance, decoder->Interval, decoder->Code, decoder->Bits) = (distance, interval, code, bits);
    }

    /// <summary>One more bit of the samples that are significant since an earlier plane.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Refinement(Jpeg2000Block* block, MqDecoder* decoder, int plane)
    {
        long distance = decoder->Distance, interval = decoder->Interval, code = decoder->Code;
        int bits = decoder->Bits;
        ulong* contexts = block->Contexts + Jpeg2000Contexts.Refinement;
        int* samples = block->Samples;
        ulong* row = block->Flags;
        nint stride = block->Stride;
        int half = 1 << plane;
        for (int stripe = block->Stripes; stripe > 0; stripe--, row += stride)
        {
            ulong* end = row + block->Width;
            for (ulong* at = row; at < end; at++, samples += 4)
            {
                ulong flags = *at;
                uint todo = (uint)(flags >> Jpeg2000Block.OwnShift & ~(flags >> Jpeg2000Block.VisitedShift)) & Jpeg2000Block.Rows;
                if (todo == 0)
                    continue;
                *at = flags | (ulong)todo << Jpeg2000Block.RefinedShift;
                do
                {
                    int place = BitOperations.TrailingZeroCount(todo);
                    todo &= todo - 1;
                    ulong window = flags >> place;
                    uint kind = (window & Jpeg2000Block.Neighbors) != 0 ? 1u : 0u;
                    kind = (window >> Jpeg2000Block.RefinedShift & 1) != 0 ? 2u : kind;
                    uint bit = MqDecoder.Decode(ref distance, ref interval, ref code, ref bits, decoder, contexts + kind);
                    // The plane's bit was set in the middle of what was possible; below it stands the new middle.
                    samples[Jpeg2000Block.RowOf(place)] += (int)(bit << plane << 1) - half;
                }
                while (todo != 0);
            }
        }
        (decoder->Distance, decoder->Interval, decoder->Code, decoder->Bits) = (distance, interval, code, bits);
    }

    /// <summary>All other samples; four at once where a column has nothing significant in it or beside it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Cleanup(Jpeg2000Block* block, MqDecoder* decoder, int plane)
    {
        long distance = decoder->Distance, interval = decoder->Interval, code = decoder->Code;
        int bits = decoder->Bits;
        ulong* contexts = block->Contexts;
        byte* significance = block->Significance;
        int* samples = block->Samples;
        ulong* row = block->Flags;
        nint stride = block->Stride;
        uint value = 3u << plane;
        for (int stripe = 0; stripe < block->Stripes; stripe++, row += stride)
        {
            ulong kept = ~block->Present(stripe);
            ulong* end = row + block->Width;
            for (ulong* at = row; at < end; at++, samples += 4)
            {
                ulong flags = *at;
                uint todo = ~(uint)(flags >> Jpeg2000Block.OwnShift | flags >> Jpeg2000Block.VisitedShift) & Jpeg2000Block.Rows;
                bool isFound = false;
                if ((flags & (Jpeg2000Block.Significant | Jpeg2000Block.Visited)) == 0)
                {
                    if (MqDecoder.Decode(ref distance, ref interval, ref code, ref bits, decoder, contexts + Jpeg2000Contexts.Run) == 0)
                        continue;
                    ulong* uniform = contexts + Jpeg2000Contexts.Uniform;
                    uint first = MqDecoder.Decode(ref distance, ref interval, ref code, ref bits, decoder, uniform) << 1;
                    first |= MqDecoder.Decode(ref distance, ref interval, ref code, ref bits, decoder, uniform);
                    todo &= ~0u << (3 * (int)first);
                    isFound = true;
                }
                while (todo != 0)
                {
                    int place = BitOperations.TrailingZeroCount(todo);
                    todo &= todo - 1;
                    ulong window = flags >> place;
                    if (!isFound)
                    {
                        ulong* context = contexts + significance[window & Jpeg2000Block.Neighbors];
                        if (MqDecoder.Decode(ref distance, ref interval, ref code, ref bits, decoder, context) == 0)
                            continue;
                    }
                    isFound = false;
                    uint known = block->Signs[SignIndex(window)];
                    uint sign = MqDecoder.Decode(ref distance, ref interval, ref code, ref bits, decoder,
                        contexts + (known & ~Jpeg2000Contexts.Inverted)) ^ known >> 7;
                    samples[Jpeg2000Block.RowOf(place)] = (int)(value | sign << 31);
                    Jpeg2000Block.Mark(at, ref flags, place, sign, stride, block->IsCausal);
                }
                *at = flags & kept;
            }
        }
        (decoder->Distance, decoder->Interval, decoder->Code, decoder->Bits) = (distance, interval, code, bits);
    }

    /// <summary>The index of <see cref="Jpeg2000Contexts.Signs"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SignIndex(ulong window) => (uint)window & 0xAA | (uint)(window >> (Jpeg2000Block.SignShift + 1)) & 0x55;

    /// <summary>The four symbols 1010 that close a cleanup pass (style 32).</summary>
    /// <returns>Whether they are there.</returns>
    public static bool ReadSegmentationSymbol(Jpeg2000Block* block, MqDecoder* decoder)
    {
        long distance = decoder->Distance, interval = decoder->Interval, code = decoder->Code;
        int bits = decoder->Bits;
        uint symbol = 0;
        for (int i = 0; i < 4; i++)
        {
            symbol = symbol << 1
                | MqDecoder.Decode(ref distance, ref interval, ref code, ref bits, decoder, block->Contexts + Jpeg2000Contexts.Uniform);
        }
        (decoder->Distance, decoder->Interval, decoder->Code, decoder->Bits) = (distance, interval, code, bits);
        return symbol == 0b1010;
    }
}
