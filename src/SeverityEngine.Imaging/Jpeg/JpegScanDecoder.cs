using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>Decodes one scan's blocks: into the planes where the scan holds the whole picture, else into the components' coefficients.</summary>
/// <param name="frame">The frame.</param>
/// <param name="scan">The scan.</param>
/// <param name="restartInterval">After how many MCUs a restart marker comes; 0 for none.</param>
/// <param name="output">Gets each row of MCUs; null where coefficients are kept.</param>
/// <param name="name">What messages call the file.</param>
sealed unsafe class JpegScanDecoder(JpegFrame frame, JpegScan scan, int restartInterval, JpegOutput? output, string name)
{
    // Pinned for as long as the program runs: it is part of it.
    static readonly byte* s_order = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(JpegBlocks.NaturalOrder));

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
