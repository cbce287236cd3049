using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>A scan header (ITU-T T.81, B.2.3), checked against its frame.</summary>
/// <param name="Components">The components it holds, with their Huffman tables set.</param>
/// <param name="First">The first coefficient in zigzag order.</param>
/// <param name="Last">The last one.</param>
/// <param name="HighBit">How many low bits the scans before have left to come; 0 for a first scan.</param>
/// <param name="LowBit">How many it leaves.</param>
readonly record struct JpegScan(JpegComponent[] Components, int First, int Last, int HighBit, int LowBit)
{
    const int MostLowBits = 13;

    public bool IsNeeded => Components.Any(c => c.Needed);

    /// <exception cref="SeverityException">Fields that cannot be, tables that are not there, or a scan out of order.</exception>
    public static unsafe JpegScan Read(ReadOnlySpan<byte> segment, JpegFrame frame, JpegTables tables, string name)
    {
        int count = segment.IsEmpty ? 0 : segment[0];
        if (count is < 1 or > 4 || count > frame.Components.Length || segment.Length != 4 + 2 * count)
            throw ImageChecks.Corrupt(name, $"its scan header has {segment.Length + 2} bytes for {count} components");
        JpegComponent[] components = new JpegComponent[count];
        // What these say in a sequential frame has no meaning.
        (int first, int last, int high, int low) = frame.IsProgressive
            ? (segment[^3], segment[^2], segment[^1] >> 4, segment[^1] & 15) : (0, 63, 0, 0);
        bool isDc = first == 0 && frame.IsProgressive;
        if (last > 63 || first > last || (isDc && last != 0) || (first > 0 && count > 1) || low > MostLowBits
            || (high > 0 && low != high - 1))
            throw ImageChecks.Corrupt(name, $"its scan of coefficients {first} to {last}, bits {high} to {low}, cannot be");
        for (int i = 0; i < count; i++)
        {
            int id = segment[1 + 2 * i], slots = segment[2 + 2 * i];
            JpegComponent component = Array.Find(frame.Components, c => c.Id == id)
                ?? throw ImageChecks.Corrupt(name, $"its scan names component {id}, which is not there");
            if (components.Contains(component))
                throw ImageChecks.Corrupt(name, $"its scan names component {id} twice");
            components[i] = component;
            if (first == 0 && high == 0)
                component.DcTable = tables.Dc(slots >> 4);
            if (!isDc)
                component.AcTable = tables.Ac(slots & 15);
            for (int k = first; k <= last; k++)
            {
                // -1, nothing has come, is right for a first scan; AC coefficients come after the DC ones.
                if (component.MissingBits[k] != (high == 0 ? -1 : high) || (first > 0 && component.MissingBits[0] < 0))
                    throw ImageChecks.Corrupt(name, $"its scans of component {id} come out of order");
                component.MissingBits[k] = (sbyte)low;
            }
        }
        return new JpegScan(components, first, last, high, low);
    }
}

/// <summary>
/// Decodes one scan's blocks: into the planes where the scan holds the whole picture, else into the components' coefficients.
/// </summary>
/// <param name="frame">The frame.</param>
/// <param name="scan">The scan.</param>
/// <param name="restartInterval">After how many MCUs a restart marker comes; 0 for none.</param>
/// <param name="output">Gets each row of MCUs; null where coefficients are kept.</param>
/// <param name="name">What messages call the file.</param>
sealed unsafe class JpegScanDecoder(JpegFrame frame, JpegScan scan, int restartInterval, JpegOutput? output, string name)
{
    // Pinned for as long as the program runs: it is part of it.
    static readonly byte* s_order =
        (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(JpegBlocks.NaturalOrder));

    readonly int[] _predictions = new int[scan.Components.Length];
    int _emptyBlocks, _restarts, _sinceRestart;

    /// <summary>Decodes the scan.</summary>
    /// <param name="at">Where its coded data begin.</param>
    /// <param name="end">The file's end.</param>
    /// <returns>Where the next marker is to be looked for.</returns>
    /// <exception cref="SeverityException">Data that end early or are damaged.</exception>
    public byte* Decode(byte* at, byte* end)
    {
        JpegBits bits = new(at, end);
        short* spare = stackalloc short[64];
        // A scan of one component goes over its own blocks, without those that fill MCUs.
        bool single = scan.Components.Length == 1;
        int wide = single ? scan.Components[0].BlocksWide : frame.McusWide;
        int high = single ? scan.Components[0].BlocksHigh : frame.McusHigh;
        for (int y = 0; y < high; y++)
        {
            for (int x = 0; x < wide; x++)
            {
                if (_sinceRestart++ == restartInterval && restartInterval > 0)
                    Restart(ref bits);
                if (!(single ? Block(ref bits, 0, x, y, spare) : Mcu(ref bits, x, y, spare)))
                {
                    throw bits.Overrun ? Truncated(y, high)
                        : ImageChecks.Corrupt(name, $"its coded data are not sound in row {y} of {high}");
                }
            }
            if (bits.Overrun)
                throw Truncated(y, high);
            output?.EndMcuRow();
        }
        return bits.FirstUnused;
    }

    bool Mcu(ref JpegBits bits, int x, int y, short* spare)
    {
        for (int i = 0; i < scan.Components.Length; i++)
        {
            JpegComponent component = scan.Components[i];
            for (int v = 0; v < component.Vertical; v++)
            {
                for (int h = 0; h < component.Horizontal; h++)
                {
                    if (!Block(ref bits, i, x * component.Horizontal + h, y * component.Vertical + v, spare))
                        return false;
                }
            }
        }
        return true;
    }

    bool Block(ref JpegBits bits, int index, int x, int y, short* spare)
    {
        JpegComponent component = scan.Components[index];
        short* block = component.Coefficients is null ? null : component.Coefficients + ((nint)y * component.PaddedBlocksWide + x) * 64;
        if (frame.IsProgressive)
            return ProgressiveBlock(ref bits, index, block);
        if (!component.Needed)
            return JpegBlocks.Skip(ref bits, component.DcTable, component.AcTable) >= 0;
        if (block is not null)
            return JpegBlocks.Decode(ref bits, component.DcTable, component.AcTable, s_order, ref _predictions[index], block) >= 0;
        new Span<short>(spare, 64).Clear();
        int count = JpegBlocks.Decode(ref bits, component.DcTable, component.AcTable, s_order, ref _predictions[index], spare);
        if (count < 0)
            return false;
        component.Plane!.Put(spare, count, x, y);
        return true;
    }

    bool ProgressiveBlock(ref JpegBits bits, int index, short* block)
    {
        if (scan.First > 0)
        {
            return scan.HighBit == 0
                ? JpegProgressive.FirstAc(ref bits, scan, s_order, ref _emptyBlocks, block)
                : JpegProgressive.RefineAc(ref bits, scan, s_order, ref _emptyBlocks, block);
        }
        if (scan.HighBit == 0)
            return JpegProgressive.FirstDc(ref bits, scan.Components[index].DcTable, ref _predictions[index], scan.LowBit, block);
        JpegProgressive.RefineDc(ref bits, scan.LowBit, block);
        return true;
    }

    void Restart(ref JpegBits bits)
    {
        if (bits.Overrun)
            throw ImageChecks.Truncated(name, $"its coded data end before restart marker {_restarts}");
        int marker = bits.Restart(), expected = 0xD0 + (_restarts++ & 7);
        if (marker is 0 or JpegSegments.EndOfImage)
            throw ImageChecks.Truncated(name, $"its coded data end at restart marker {_restarts - 1}");
        if (marker != expected)
        {
            string found = marker < 0 ? "more bytes" : $"the marker {marker:X2}";
            throw ImageChecks.Corrupt(name, $"its coded data have {found} in place of the restart marker {expected:X2}");
        }
        Array.Clear(_predictions);
        _emptyBlocks = 0;
        _sinceRestart = 1;
    }

    SeverityException Truncated(int row, int rows) =>
        ImageChecks.Truncated(name, $"its JPEG data end before the picture does, in row {row} of {rows}");
}
