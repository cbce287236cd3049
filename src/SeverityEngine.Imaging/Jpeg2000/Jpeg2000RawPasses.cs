using System.Numerics;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>Bits that stand in a segment as they are (ITU-T T.800, D.6): after a byte with all bits set, the next one has seven.</summary>
unsafe struct RawBits(byte* start, byte* end)
{
    byte* _at = start;
    uint _byte;
    int _left, _beyond;

    /// <summary>How many bits are not read; negative, how many are beyond the end.</summary>
    public readonly int Left => 8 * (int)(end - _at) + _left - 8 * _beyond;

    public uint Next()
    {
        if (_left == 0)
        {
            _left = _byte == 0xFF ? 7 : 8;
            if (_at < end)
                _byte = *_at++;
            else
                (_byte, _beyond) = (0xFF, _beyond + 1);
        }
        _left--;
        return _byte >> _left & 1;
    }
}

/// <summary>The first two passes over a bit plane without arithmetic coding (style 1); see <see cref="Jpeg2000Passes"/>.</summary>
static unsafe class Jpeg2000RawPasses
{
    public static void Significance(Jpeg2000Block* block, ref RawBits bits, int plane)
    {
        int* samples = block->Samples;
        ulong* row = block->Flags;
        for (int stripe = block->Stripes; stripe > 0; stripe--, row += block->Stride)
        {
            ulong* end = row + block->Width;
            for (ulong* at = row; at < end; at++, samples += 4)
            {
                ulong flags = *at;
                uint open = ~(uint)(flags >> Jpeg2000Block.OwnShift | flags >> Jpeg2000Block.VisitedShift) & Jpeg2000Block.Rows;
                for (uint todo = open; todo != 0; todo &= todo - 1)
                {
                    int place = BitOperations.TrailingZeroCount(todo);
                    if ((flags >> place & Jpeg2000Block.Neighbors) == 0)
                        continue;
                    flags |= 1UL << (Jpeg2000Block.VisitedShift + place);
                    if (bits.Next() == 0)
                        continue;
                    uint sign = bits.Next();
                    samples[Jpeg2000Block.RowOf(place)] = (int)(3u << plane | sign << 31);
                    Jpeg2000Block.Mark(at, ref flags, place, sign, block->Stride, block->IsCausal);
                }
                *at = flags;
            }
        }
    }

    public static void Refinement(Jpeg2000Block* block, ref RawBits bits, int plane)
    {
        int* samples = block->Samples;
        ulong* row = block->Flags;
        for (int stripe = block->Stripes; stripe > 0; stripe--, row += block->Stride)
        {
            ulong* end = row + block->Width;
            for (ulong* at = row; at < end; at++, samples += 4)
            {
                ulong flags = *at;
                uint todo = (uint)(flags >> Jpeg2000Block.OwnShift & ~(flags >> Jpeg2000Block.VisitedShift)) & Jpeg2000Block.Rows;
                *at = flags | (ulong)todo << Jpeg2000Block.RefinedShift;
                for (; todo != 0; todo &= todo - 1)
                {
                    int place = BitOperations.TrailingZeroCount(todo);
                    samples[Jpeg2000Block.RowOf(place)] += (int)(bits.Next() << plane << 1) - (1 << plane);
                }
            }
        }
    }
}
