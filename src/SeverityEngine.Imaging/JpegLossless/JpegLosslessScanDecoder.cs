using System.Runtime.CompilerServices;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Imaging.Jpeg;

namespace SeverityEngine.Imaging.JpegLossless;

/// <summary>Decodes a scan of a lossless JPEG, row by row (ITU-T T.81, H.1.2 and H.2).</summary>
sealed unsafe class JpegLosslessScanDecoder
{
    const int MostComponents = 3;

    readonly CodecFrame _frame;
    readonly string _name;
    readonly int _count, _width, _height, _selection, _bits, _rowsInInterval;
    readonly int[] _components;
    readonly JpegHuffmanTable*[] _tables;
    int _restarts;

    /// <summary>What fills up the last bytes of its intervals.</summary>
    public JpegPadding Padding { get; private set; }

    /// <exception cref="SeverityException">Fields that cannot be, or tables that are not there.</exception>
    public JpegLosslessScanDecoder(LosslessScan scan, JpegTables tables, int restartInterval, CodecFrame frame, string name)
    {
        _frame = frame;
        _name = name;
        (_width, _height, _count) = (frame.Header.Width, frame.Header.Height, scan.Components.Length);
        _selection = scan.First;
        _bits = frame.Header.Precision - scan.PointTransform;
        if (_selection is < 1 or > 7)
            throw ImageChecks.Corrupt(name, $"its scan has the selection value {_selection}, and there are 1 to 7");
        if (_bits < 1)
            throw ImageChecks.Corrupt(name, $"its scan drops {scan.PointTransform} of {frame.Header.Precision} bits");
        if (restartInterval % _width != 0)
            throw ImageChecks.Corrupt(name, $"its restart interval, {restartInterval}, is not a number of whole rows of {_width}");
        _rowsInInterval = restartInterval == 0 ? _height : restartInterval / _width;
        _components = scan.Components;
        _tables = new JpegHuffmanTable*[_count];
        for (int i = 0; i < _count; i++)
            _tables[i] = tables.Dc(scan.Tables[i] >> 4);
    }

    /// <summary>Decodes the scan.</summary>
    /// <param name="at">The first byte of its coded data.</param>
    /// <param name="end">The end of the file.</param>
    /// <returns>Where the next marker stands.</returns>
    /// <exception cref="SeverityException">Data that end early or are damaged.</exception>
    public byte* Decode(byte* at, byte* end)
    {
        fixed (ushort* first = _frame.Plane(_components[0]), second = _frame.Plane(_components[_count > 1 ? 1 : 0]),
            third = _frame.Plane(_components[_count - 1]))
        {
            ushort** rows = stackalloc ushort*[MostComponents] { first, second, third };
            JpegBits bits = new(at, end);
            for (int y = 0; y < _height; y++)
            {
                bool isFirst = y % _rowsInInterval == 0;
                if (isFirst && y > 0)
                    Restart(ref bits, y);
                int above = isFirst ? 0 : _width;
                int seen = (isFirst ? 1 : _selection) switch
                {
                    1 => Row<LeftPredictor>(ref bits, rows, above),
                    2 => Row<AbovePredictor>(ref bits, rows, above),
                    3 => Row<AboveLeftPredictor>(ref bits, rows, above),
                    4 => Row<PlanePredictor>(ref bits, rows, above),
                    5 => Row<LeftSlopePredictor>(ref bits, rows, above),
                    6 => Row<AboveSlopePredictor>(ref bits, rows, above),
                    _ => Row<MeanPredictor>(ref bits, rows, above),
                };
                if (bits.Overrun)
                    throw Fault(bits, y);
                if (seen >> _bits != 0)
                    throw ImageChecks.Corrupt(_name, $"its coded data are not sound in row {y} of {_height}");
                for (int i = 0; i < _count; i++)
                    rows[i] += _width;
            }
            EndInterval(bits, _height - 1);
            return bits.At;
        }
    }

    /// <summary>Decodes a row.</summary>
    /// <param name="bits">The coded data.</param>
    /// <param name="rows">Where each component's row goes.</param>
    /// <param name="above">How far before it the row above lies; 0 for the first row of an interval, which is predicted without it.</param>
    /// <returns>The bits that any sample has, and one beyond all samples' where there was no code.</returns>
    int Row<TPredictor>(ref JpegBits bits, ushort** rows, int above)
        where TPredictor : struct, IJpegLosslessPredictor =>
        _count == 1 ? SingleRow<TPredictor>(ref bits, rows[0], above) : MixedRow<TPredictor>(ref bits, rows, above);

    int SingleRow<TPredictor>(ref JpegBits bits, ushort* row, int distance)
        where TPredictor : struct, IJpegLosslessPredictor
    {
        JpegBits state = bits;
        ulong buffer = bits.Buffer;
        int count = bits.Count;
        byte* at = bits.At;
        JpegHuffmanTable* table = _tables[0];
        ushort* above = row - distance;
        int seen = 0, left = 0, width = _width;
        int prediction = distance == 0 ? 1 << (_bits - 1) : *above;
        int aboveLeft = distance == 0 ? 0 : *above;
        for (int x = 0; ;)
        {
            left = (ushort)(prediction + Difference(table, ref state, ref buffer, ref count, ref at, ref seen));
            row[x] = (ushort)left;
            seen |= left;
            if (++x == width)
                break;
            int next = above[x];
            prediction = TPredictor.Predict(left, next, aboveLeft);
            aboveLeft = next;
        }
        state.Buffer = buffer;
        state.Count = count;
        state.At = at;
        bits = state;
        return seen;
    }

    /// <summary>The samples of a pixel follow one another.</summary>
    int MixedRow<TPredictor>(ref JpegBits bits, ushort** rows, int distance)
        where TPredictor : struct, IJpegLosslessPredictor
    {
        int seen = 0;
        for (int x = 0; x < _width; x++)
        {
            for (int i = 0; i < _count; i++)
            {
                ushort* row = rows[i] + x, above = row - distance;
                int prediction = x > 0 ? TPredictor.Predict(row[-1], above[0], above[-1]) : distance == 0 ? 1 << (_bits - 1) : above[0];
                int sample = (ushort)(prediction
                    + Difference(_tables[i], ref bits, ref bits.Buffer, ref bits.Count, ref bits.At, ref seen));
                row[0] = (ushort)sample;
                seen |= sample;
            }
        }
        return seen;
    }

    /// <summary>
    /// The next difference. Whether its bits lie within the lookup is not asked, since that is hard to foretell: they are always taken
    /// apart here.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Difference(
        JpegHuffmanTable* table, ref JpegBits bits, ref ulong buffer, ref int count, ref byte* at, ref int seen)
    {
        if (count < JpegBits.Least)
            JpegBits.Refill(ref bits, ref buffer, ref count, ref at);
        uint entry = JpegHuffmanTable.LookupOf(table)[buffer >> JpegHuffmanTable.LookupShift];
        if (entry == 0)
        {
            entry = table->LongCode(buffer);
            if (entry == 0)
                seen |= 1 << 16;
        }
        int total = (byte)entry, size = (int)(entry >> JpegHuffmanTable.SizeShift) & 15;
        ulong value = buffer << (total - size);
        buffer <<= total;
        count -= total;
        // Those that start with 0 are negative, as in JpegHuffmanTable.Extend; of size 0, nothing is left of either part.
        int difference = (int)(value >> 1 >> (63 - size)) + ((int)((long)~value >> 63) & ((-1 << size) + 1));
        // Size 16.
        return difference + ((int)(entry >> JpegHuffmanTable.RunShift & 1) << 15);
    }

    void Restart(ref JpegBits bits, int row)
    {
        EndInterval(bits, row);
        int marker = bits.Marker, next = 0xD0 + (_restarts & 7);
        if (marker is -1 or JpegSegments.EndOfImage)
            throw ImageChecks.Truncated(_name, $"its coded data end at restart marker {_restarts}");
        if (marker != next)
            throw ImageChecks.Corrupt(_name, $"its coded data have the marker {marker:X2} in place of the restart marker {next:X2}");
        bits.PassMarker();
        _restarts++;
    }

    /// <summary>What is left over tells of damage before it.</summary>
    void EndInterval(in JpegBits bits, int row)
    {
        if (bits.HasLeftOver)
            throw ImageChecks.Corrupt(_name, $"coded data are left over in row {row} of {_height}, where its samples are all decoded");
        Padding |= bits.Padding;
    }

    SeverityException Fault(in JpegBits bits, int row)
    {
        int marker = bits.Marker;
        return marker is -1 or JpegSegments.EndOfImage
            ? ImageChecks.Truncated(_name, $"its JPEG data end before the picture does, in row {row} of {_height}")
            : ImageChecks.Corrupt(_name, $"the marker {marker:X2} stands within its coded data, in row {row} of {_height}");
    }
}
