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
    const int MostLowBits = 13, MostBlocksInMcu = 10;

    /// <exception cref="SeverityException">Fields that cannot be, tables that are not there, or a scan out of order.</exception>
    public static unsafe JpegScan Read(ReadOnlySpan<byte> segment, JpegFrame frame, JpegTables tables, string name)
    {
        int count = segment.IsEmpty ? 0 : segment[0];
        if (count is < 1 or > 4 || count > frame.Components.Length || segment.Length != 4 + 2 * count)
            throw ImageChecks.Corrupt(name, $"its scan header has {segment.Length + 2} bytes for {count} components");
        JpegComponent[] components = new JpegComponent[count];
        (int first, int last, int high, int low) = (segment[^3], segment[^2], segment[^1] >> 4, segment[^1] & 15);
        // Old writers of 12 bits leave the last coefficient 0, as lossless scans have it (NEMA's WG04 samples); there is one scan for all.
        if (frame is { IsProgressive: false, Precision: 12 } && last == 0)
            last = 63;
        bool isDc = first == 0 && frame.IsProgressive;
        if ((!frame.IsProgressive && (first, last, high, low) != (0, 63, 0, 0)) || last > 63 || first > last || (isDc && last != 0)
            || (first > 0 && count > 1) || low > MostLowBits
            || (high > 0 && low != high - 1))
            throw ImageChecks.Corrupt(name, $"its scan of coefficients {first} to {last}, bits {high} to {low}, cannot be");
        int found = -1, blocksInMcu = 0;
        for (int i = 0; i < count; i++)
        {
            int id = segment[1 + 2 * i], slots = segment[2 + 2 * i];
            // They come in the frame's order, so that those of one name are told apart as well.
            found = Array.FindIndex(frame.Components, found + 1, c => c.Id == id);
            if (found < 0)
                throw ImageChecks.Corrupt(name, $"its scan names component {id}, which is not there or out of order");
            JpegComponent component = components[i] = frame.Components[found];
            blocksInMcu += component.Horizontal * component.Vertical;
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
        if (count > 1 && blocksInMcu > MostBlocksInMcu)
        {
            throw ImageChecks.Corrupt(
                name, $"its components' sampling makes {blocksInMcu} blocks, and {MostBlocksInMcu} may stand together");
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
    bool _isSpareClear;

    /// <summary>What filled up the last bytes.</summary>
    public JpegPadding Padding { get; private set; }

    /// <summary>Whether a restart marker follows the last MCU, where none belongs: some encoders write it.</summary>
    public bool EndsWithRestart { get; private set; }

    /// <summary>Decodes the scan.</summary>
    /// <param name="at">Where its coded data begin.</param>
    /// <param name="end">The file's end.</param>
    /// <returns>Where the next marker stands.</returns>
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
                    Restart(ref bits, y, high);
                if (!(single ? Block(ref bits, 0, x, y, spare) : Mcu(ref bits, x, y, spare)))
                    throw Fault(bits, y, high);
            }
            if (bits.Overrun)
                throw Fault(bits, y, high);
            output?.EndMcuRow();
        }
        EndInterval(bits, high - 1, high);
        if (restartInterval > 0 && _sinceRestart == restartInterval && bits.Marker == NextRestart)
        {
            bits.PassMarker();
            EndsWithRestart = true;
        }
        CheckDc();
        CheckZeros(new ReadOnlySpan<byte>(at, (int)(bits.At - at)));
        return bits.At;
    }

    int NextRestart => 0xD0 + (_restarts & 7);

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
        ref int prediction = ref _predictions[index];
        int count;
        if (!component.Needed)
        {
            count = JpegBlocks.Skip(ref bits, component.DcTable, component.AcTable, ref prediction);
        }
        else if (block is not null)
        {
            count = JpegBlocks.Decode(ref bits, component.DcTable, component.AcTable, s_order, ref prediction, block);
        }
        else
        {
            if (!_isSpareClear)
                new Span<short>(spare, 64).Clear();
            count = JpegBlocks.Decode(ref bits, component.DcTable, component.AcTable, s_order, ref prediction, spare);
            _isSpareClear = count == 1; // the DC value is always written
            if (count > 0)
                component.Plane!.Put(spare, count, x, y);
        }
        component.AddDc(prediction);
        return count > 0;
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
        {
            JpegComponent component = scan.Components[index];
            bool isSound = JpegProgressive.FirstDc(ref bits, component.DcTable, ref _predictions[index], scan.LowBit, block);
            component.AddDc(_predictions[index] << scan.LowBit);
            return isSound;
        }
        JpegProgressive.RefineDc(ref bits, scan.LowBit, block);
        return true;
    }

    void Restart(ref JpegBits bits, int row, int rows)
    {
        EndInterval(bits, row, rows);
        int marker = bits.Marker;
        if (marker is -1 or JpegSegments.EndOfImage)
            throw ImageChecks.Truncated(name, $"its coded data end at restart marker {_restarts}");
        if (marker != NextRestart)
        {
            throw ImageChecks.Corrupt(
                name, $"its coded data have the marker {marker:X2} in place of the restart marker {NextRestart:X2}");
        }
        bits.PassMarker();
        _restarts++;
        Array.Clear(_predictions);
        _sinceRestart = 1;
    }

    /// <summary>
    /// What is left over tells of damage before it: other codes in the place of the right ones rarely end where those did.
    /// </summary>
    void EndInterval(in JpegBits bits, int row, int rows)
    {
        if (bits.Overrun)
            throw Fault(bits, row, rows);
        if (bits.HasLeftOver)
            throw ImageChecks.Corrupt(name, $"coded data are left over in row {row} of {rows}, where its blocks are all decoded");
        if (_emptyBlocks > 0)
            throw ImageChecks.Corrupt(name,
                $"its coded data have a run of {_emptyBlocks} blocks more than there are in row {row} of {rows}");
        Padding |= bits.Padding;
    }

    /// <summary>
    /// Codes get into step again behind a zeroed sector, and by chance at the right block. Where a code of zeros is a coefficient, so many
    /// zeros are whole blocks of nothing but that coefficient, which no picture has; where it is the end of a block, they are flat.
    /// </summary>
    void CheckZeros(ReadOnlySpan<byte> data)
    {
        const int Many = 64;
        bool tells = scan.Last > 0 && scan.HighBit == 0
            && Array.Exists(scan.Components, c => JpegBlocks.Size(*JpegHuffmanTable.LookupOf(c.AcTable)) > 0);
        // So many zeros hold a multiple of 32, and eight from there on: others need not be looked at.
        for (int i = 0; tells && i + sizeof(ulong) <= data.Length; i += Many / 2)
        {
            if (MemoryMarshal.Read<ulong>(data[i..]) != 0)
                continue;
            int start = i, end = i;
            while (start > 0 && data[start - 1] == 0)
                start--;
            while (end < data.Length && data[end] == 0)
                end++;
            if (end - start >= Many)
                throw ImageChecks.Corrupt(name,
                    $"its coded data have {Many} zeros or more in a row, which no picture makes with its codes");
        }
    }

    void CheckDc()
    {
        foreach (JpegComponent component in scan.Components)
        {
            if (component.GreatestDc > component.Limits[0])
                throw ImageChecks.Corrupt(name, $"its component {component.Id} has a block far brighter or darker than samples can be");
        }
    }

    SeverityException Fault(in JpegBits bits, int row, int rows)
    {
        if (!bits.Overrun)
            return ImageChecks.Corrupt(name, $"its coded data are not sound in row {row} of {rows}");
        int marker = bits.Marker;
        return marker is -1 or JpegSegments.EndOfImage
            ? ImageChecks.Truncated(name, $"its JPEG data end before the picture does, in row {row} of {rows}")
            : ImageChecks.Corrupt(name, $"the marker {marker:X2} stands within its coded data, in row {row} of {rows}");
    }
}
