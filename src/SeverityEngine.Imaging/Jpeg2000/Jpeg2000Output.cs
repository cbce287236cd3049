using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>From a tile's code blocks to the picture's samples.</summary>
sealed unsafe class Jpeg2000Output
{
    /// <summary>How many components a color transform joins.</summary>
    const int Colors = 3;

    readonly Jpeg2000Tile _tile;
    readonly CodecFrame _frame;
    readonly Jpeg2000Rows _rows;
    readonly int _x, _y, _offset, _least, _most;

    public Jpeg2000Output(Jpeg2000Tile tile, Jpeg2000Size size, CodecFrame frame, Jpeg2000Rows rows)
    {
        (_tile, _frame, _rows) = (tile, frame, rows);
        (_x, _y) = ((int)(tile.Area.X0 - size.X0), (int)(tile.Area.Y0 - size.Y0));
        // Unsigned samples are coded around 0 (ITU-T T.800, G.1).
        int half = 1 << (frame.Header.Precision - 1);
        (_offset, _least, _most) = frame.Header.IsSigned ? (0, -half, half - 1) : (half, 0, 2 * half - 1);
    }

    /// <summary>
    /// The working memory for each sample of a component: its coefficient, less than half as much for the levels of the wavelet, and the
    /// planes that a color transform joins.
    /// </summary>
    public static long BytesPerSample(Jpeg2000Settings settings) => 6 + (settings.HasColorTransform ? Colors * sizeof(int) : 0);

    /// <summary>Decodes the blocks, transforms the bands, and writes what comes out.</summary>
    public void Write(Jpeg2000CodeBlocks blocks, byte* data, DecoderMemory memory)
    {
        int joined = _tile.Settings.HasColorTransform ? Colors : 0;
        int*[] planes = new int*[joined];
        for (int c = 0; c < _tile.Components.Length; c++)
        {
            Jpeg2000TileComponent component = _tile.Components[c];
            // What a component takes is given back before the next one, but for the planes of a color transform.
            using DecoderMemory own = new();
            int* coefficients = (int*)own.Take((long)_tile.Area.Width * _tile.Area.Height * sizeof(int));
            blocks.Decode(_tile, component, data, coefficients);
            Jpeg2000Wavelet wavelet = new(_rows, own);
            if (c >= joined)
            {
                int plane = c;
                wavelet.Transform(component, coefficients, (y, row) => Store(plane, y, row, component.Coding.IsReversible));
                continue;
            }
            int* kept = planes[c] = (int*)memory.Take((long)_tile.Area.Width * _tile.Area.Height * sizeof(int));
            wavelet.Transform(component, coefficients, (y, row) => new ReadOnlySpan<int>(row, _tile.Area.Width)
                .CopyTo(new Span<int>(kept + (long)y * _tile.Area.Width, _tile.Area.Width)));
        }
        if (joined > 0)
            WriteColors(planes, _tile.Components[0].Coding.IsReversible);
    }

    void WriteColors(int*[] planes, bool isReversible)
    {
        int width = _tile.Area.Width;
        for (int y = 0; y < _tile.Area.Height; y++)
        {
            long at = (long)y * width;
            int* red = planes[0] + at, green = planes[1] + at, blue = planes[2] + at;
            if (isReversible)
                _rows.UndoReversibleColor(red, green, blue, width);
            else
                _rows.UndoIrreversibleColor((float*)red, (float*)green, (float*)blue, width);
            Store(0, y, red, isReversible);
            Store(1, y, green, isReversible);
            Store(2, y, blue, isReversible);
        }
    }

    void Store(int component, int y, int* row, bool isReversible)
    {
        int width = _tile.Area.Width;
        Span<ushort> samples = _frame.Plane(component).Slice((_y + y) * _frame.Header.Width + _x, width);
        fixed (ushort* start = samples)
        {
            if (isReversible)
                _rows.Store(row, start, width, _offset, _least, _most);
            else
                _rows.Store((float*)row, start, width, _offset, _least, _most);
        }
    }
}
