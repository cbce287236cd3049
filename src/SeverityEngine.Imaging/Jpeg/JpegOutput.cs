using SeverityEngine.Interop;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>Makes the picture's channel 0 out of its planes, one row of MCUs after the other.</summary>
sealed unsafe class JpegOutput
{
    readonly JpegFrame _frame;
    readonly JpegRows _rows = JpegRows.For(Cpu.Kernels);
    readonly byte* _pixels;
    readonly JpegPlane _first;
    readonly JpegPlane? _cr;
    readonly bool _needsRowBelow;
    int _mcuRow, _y;

    /// <param name="frame">The frame, with what is needed of it marked: Y alone, or R, or Y and Cr.</param>
    /// <param name="pixels">The picture's pixels, row after row.</param>
    /// <param name="memory">Owns the planes' memory.</param>
    /// <param name="name">What messages call the file.</param>
    public JpegOutput(JpegFrame frame, byte* pixels, JpegMemory memory, string name)
    {
        _frame = frame;
        _pixels = pixels;
        foreach (JpegComponent component in frame.Components)
        {
            if (component.Needed)
                component.Plane = new JpegPlane(component, frame, component == frame.Components[0], pixels, memory, name);
        }
        _first = frame.Components[0].Plane!;
        _cr = frame.Components.Length > 2 ? frame.Components[2].Plane : null;
        _needsRowBelow = _first.NeedsRowBelow || _cr is { NeedsRowBelow: true };
    }

    /// <summary>Writes the rows that the blocks so far are enough for; to be called after each row of MCUs.</summary>
    public void EndMcuRow()
    {
        int height = _frame.Height, width = _frame.Width;
        _mcuRow++;
        int end = _mcuRow == _frame.McusHigh ? height : _mcuRow * 8 * _frame.MaxVertical - (_needsRowBelow ? 1 : 0);
        if (!_first.IsInPlace || _cr is not null)
        {
            for (; _y < end; _y++)
            {
                byte* row = _pixels + (nint)_y * width;
                if (!_first.IsInPlace)
                    new ReadOnlySpan<byte>(_first.Row(_y), width).CopyTo(new Span<byte>(row, width));
                if (_cr is not null)
                    _rows.Red(row, _cr.Row(_y), width);
            }
        }
        _first.Advance();
        _cr?.Advance();
    }

    /// <summary>Makes the whole picture from stored coefficients.</summary>
    public void WriteAll()
    {
        for (int mcuRow = 0; mcuRow < _frame.McusHigh; mcuRow++)
        {
            foreach (JpegComponent component in _frame.Components)
            {
                if (component.Plane is not { } plane)
                    continue;
                int firstRow = mcuRow * component.Vertical, endRow = Math.Min(firstRow + component.Vertical, component.BlocksHigh);
                for (int y = firstRow; y < endRow; y++)
                {
                    short* block = component.Coefficients + (nint)y * component.PaddedBlocksWide * 64;
                    for (int x = 0; x < component.BlocksWide; x++, block += 64)
                        plane.Put(block, new ReadOnlySpan<short>(block + 1, 63).ContainsAnyExcept((short)0) ? 64 : 1, x, y);
                }
            }
            EndMcuRow();
        }
    }
}
