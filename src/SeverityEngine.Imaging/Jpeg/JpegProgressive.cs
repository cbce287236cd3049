namespace SeverityEngine.Imaging.Jpeg;

/// <summary>Progressive coding, block by block (ITU-T T.81, annex G).</summary>
static unsafe class JpegProgressive
{
    public static bool FirstDc(ref JpegBits bits, JpegHuffmanTable* table, ref int prediction, int lowBit, short* block)
    {
        bits.Refill();
        uint entry = JpegHuffmanTable.LookupOf(table)[bits.Buffer >> JpegHuffmanTable.LookupShift];
        if (entry == 0 && (entry = table->LongCode(bits.Buffer)) == 0)
            return false;
        int size = JpegBlocks.Size(entry);
        if (size > 0)
            prediction += JpegHuffmanTable.Extend(bits.Buffer << (JpegBlocks.Taken(entry) - size), size);
        bits.Drop(JpegBlocks.Taken(entry));
        block[0] = (short)(prediction << lowBit);
        return true;
    }

    public static void RefineDc(ref JpegBits bits, int lowBit, short* block) => block[0] |= (short)(bits.Read(1) << lowBit);

    /// <param name="bits">The coded data.</param>
    /// <param name="scan">Which coefficients.</param>
    /// <param name="order">From zigzag to natural order, with room beyond the end.</param>
    /// <param name="emptyBlocks">How many blocks, from this one on, have no more coefficients.</param>
    /// <param name="block">The block's coefficients.</param>
    public static bool FirstAc(ref JpegBits bits, in JpegScan scan, byte* order, ref int emptyBlocks, short* block)
    {
        if (emptyBlocks > 0)
        {
            emptyBlocks--;
            return true;
        }
        JpegHuffmanTable* table = scan.Components[0].AcTable;
        uint* lookup = JpegHuffmanTable.LookupOf(table);
        ulong buffer = bits.Buffer;
        int count = bits.Count;
        byte* at = bits.At;
        int k = scan.First, last = scan.Last, lowBit = scan.LowBit;
        do
        {
            if (count < JpegBits.Least)
                JpegBits.Refill(ref bits, ref buffer, ref count, ref at);
            uint entry = lookup[buffer >> JpegHuffmanTable.LookupShift];
            if (entry == 0 && (entry = table->LongCode(buffer)) == 0)
                return false;
            int run = JpegBlocks.Run(entry), size = JpegBlocks.Size(entry), taken = JpegBlocks.Taken(entry);
            if (size > 0)
            {
                k += run;
                int value = entry > JpegHuffmanTable.LastWithoutValue
                    ? (int)entry >> JpegHuffmanTable.ValueShift : JpegHuffmanTable.Extend(buffer << (taken - size), size);
                block[order[k++]] = (short)(value << lowBit);
            }
            else if (run == 15)
            {
                k += 16;
            }
            else
            {
                // The run's length in bits, and this block is one of them.
                int length = (1 << run) - 1;
                if (run > 0)
                    length += (int)(buffer << taken >> (64 - run));
                emptyBlocks = length;
                buffer <<= taken + run;
                count -= taken + run;
                break;
            }
            buffer <<= taken;
            count -= taken;
        }
        while (k <= last);
        bits.Buffer = buffer;
        bits.Count = count;
        bits.At = at;
        return k <= last + 1;
    }

    public static bool RefineAc(ref JpegBits bits, in JpegScan scan, byte* order, ref int emptyBlocks, short* block)
    {
        int k = scan.First, last = scan.Last;
        short plus = (short)(1 << scan.LowBit), minus = (short)(-1 << scan.LowBit);
        if (emptyBlocks == 0)
        {
            JpegHuffmanTable* table = scan.Components[0].AcTable;
            do
            {
                bits.Refill();
                uint entry = JpegHuffmanTable.LookupOf(table)[bits.Buffer >> JpegHuffmanTable.LookupShift];
                if (entry == 0 && (entry = table->LongCode(bits.Buffer)) == 0)
                    return false;
                int run = JpegBlocks.Run(entry), size = JpegBlocks.Size(entry);
                short added = 0;
                if (size == 1)
                {
                    bits.Drop(JpegBlocks.Taken(entry) - 1);
                    added = bits.Read(1) != 0 ? plus : minus;
                }
                else if (size != 0)
                {
                    return false; // a refinement adds one bit
                }
                else
                {
                    bits.Drop(JpegBlocks.Taken(entry));
                    if (run != 15)
                    {
                        emptyBlocks = 1 << run;
                        if (run > 0)
                            emptyBlocks += bits.Read(run);
                        break;
                    }
                }
                // Over the run of coefficients that are still 0; those that are not get their next bit.
                for (; k <= last; k++)
                {
                    short* coefficient = block + order[k];
                    if (*coefficient != 0)
                        Refine(ref bits, coefficient, plus, minus);
                    else if (--run < 0)
                        break;
                }
                if (k > last)
                    return false; // the run does not end within the band
                if (added != 0)
                    block[order[k]] = added;
                k++;
            }
            while (k <= last);
        }
        if (emptyBlocks > 0)
        {
            for (; k <= last; k++)
            {
                short* coefficient = block + order[k];
                if (*coefficient != 0)
                    Refine(ref bits, coefficient, plus, minus);
            }
            emptyBlocks--;
        }
        return true;
    }

    static void Refine(ref JpegBits bits, short* coefficient, short plus, short minus)
    {
        if (bits.Read(1) != 0 && (*coefficient & plus) == 0)
            *coefficient += *coefficient >= 0 ? plus : minus;
    }
}
