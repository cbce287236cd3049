using SeverityEngine.Imaging.Formats;
using SeverityEngine.Interop;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>Makes the picture's channel 0, the red of RGB, out of its planes, one row of MCUs after the other.</summary>
sealed unsafe class JpegOutput
{
    readonly JpegFrame _frame;
    readonly JpegColor _color;
    readonly JpegRows _rows = JpegRows.For(Cpu.Kernels);
    readonly byte* _pixels;
    readonly JpegPlane _first;
    readonly JpegPlane? _cr, _second, _third, _black;
    readonly bool _needsRowBelow;
    int _mcuRow, _y;

    /// <param name="frame">The frame, with what is needed of it marked.</param>
    /// <param name="color">What its components mean.</param>
    /// <param name="pixels">The picture's pixels, row after row.</param>
    /// <param name="memory">Owns the planes' memory.</param>
    public JpegOutput(JpegFrame frame, JpegColor color, byte* pixels, DecoderMemory memory)
    {
        _frame = frame;
        _color = color;
        _pixels = pixels;
        JpegComponent[] components = frame.Components;
        foreach (JpegComponent component in components)
        {
            if (component.Needed)
                component.Plane = new JpegPlane(component, frame, component == components[0], pixels, memory);
        }
        _first = components[0].Plane!;
        if (color.HasChroma())
            _cr = components[2].Plane;
        else if (color != JpegColor.Gray)
            (_second, _third) = (components[1].Plane, components[2].Plane);
        _black = components.Length == 4 ? components[3].Plane : null;
        _needsRowBelow = components.Any(c => c.Plane is { NeedsRowBelow: true });
    }

    /// <summary>How far RGB's or CMY's second and third channels are from the first.</summary>
    public ChannelDifference Difference { get; } = new();

    /// <summary>Whether a block has coefficients that no samples make.</summary>
    public bool IsBeyondRange => _frame.Components.Any(c => c.Plane is { IsBeyondRange: true });

    /// <summary>Writes the rows that the blocks so far are enough for; to be called after each row of MCUs.</summary>
    public void EndMcuRow()
    {
        int height = _frame.Height, width = _frame.Width;
        _mcuRow++;
        int end = _mcuRow == _frame.McusHigh ? height : _mcuRow * 8 * _frame.MaxVertical - (_needsRowBelow ? 1 : 0);
        if (!_first.IsInPlace || _color != JpegColor.Gray)
        {
            for (; _y < end; _y++)
            {
                byte* row = _pixels + (nint)_y * width;
                if (!_first.IsInPlace)
                    new ReadOnlySpan<byte>(_first.Row(_y), width).CopyTo(new Span<byte>(row, width));
                if (_cr is not null)
                    _rows.Red(row, _cr.Row(_y), width);
                if (_second is not null)
                    AddDifference(row, _second.Row(_y), _third!.Row(_y));
                if (_black is null)
                    continue;
                if (_color == JpegColor.Cmyk)
                    JpegRows.Invert(row, width);
                JpegRows.Blacken(row, _black.Row(_y), width);
            }
        }
        foreach (JpegComponent component in _frame.Components)
            component.Plane?.Advance();
    }

    void AddDifference(byte* first, byte* second, byte* third)
    {
        foreach (int x in Difference.Of(_frame.Width))
            Difference.Add(first[x], second[x], third[x]);
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

/// <summary>
/// Where a component's samples go as its blocks are transformed: straight into the picture where it has every pixel, else into a strip one
/// row of MCUs high, with one row of the strip before, from which rows of the picture's width are made.
/// </summary>
sealed unsafe class JpegPlane
{
    readonly JpegComponent _component;
    readonly JpegFrame _frame;
    readonly JpegIdct _idct = JpegIdct.For(Cpu.Kernels);
    readonly JpegRows _rows = JpegRows.For(Cpu.Kernels);
    readonly int _across, _down;
    readonly bool _smooth;
    readonly byte* _samples;
    readonly int _stride;
    readonly byte* _block;
    readonly byte* _row;
    readonly ushort* _sums;
    int _firstRow = -1;

    public JpegPlane(JpegComponent component, JpegFrame frame, bool inPlace, byte* pixels, DecoderMemory memory)
    {
        _component = component;
        _frame = frame;
        _across = frame.MaxHorizontal / component.Horizontal;
        _down = frame.MaxVertical / component.Vertical;
        // libjpeg smooths where a component is doubled, and not two samples wide.
        _smooth = (_across, _down) switch { (2, 1 or 2) => component.Width > 2, (1, 2) => true, _ => false };
        IsInPlace = inPlace && _across == 1 && _down == 1;
        if (IsInPlace)
        {
            _samples = pixels;
            _stride = frame.Width;
            _block = (byte*)memory.Take(64);
            return;
        }
        _stride = 8 * component.PaddedBlocksWide;
        _samples = (byte*)memory.Take((long)_stride * (8 * component.Vertical + 1));
        _row = (byte*)memory.Take((long)_stride * _across);
        _sums = (ushort*)memory.Take((_stride + 2) * sizeof(ushort)) + 1;
    }

    /// <summary>Whether its samples are the picture's.</summary>
    public bool IsInPlace { get; }

    /// <summary>Whether a block has coefficients that no samples make.</summary>
    public bool IsBeyondRange { get; private set; }

    /// <summary>Whether a row needs the one below it.</summary>
    public bool NeedsRowBelow => _smooth && _down == 2;

    /// <summary>Takes a block.</summary>
    /// <param name="coefficients">Its coefficients.</param>
    /// <param name="count">How many, in zigzag order, may be other than 0.</param>
    /// <param name="x">Its column of blocks.</param>
    /// <param name="y">Its row of blocks.</param>
    public void Put(short* coefficients, int count, int x, int y)
    {
        if (count > 1)
            IsBeyondRange |= _idct.Exceeds(coefficients, _component.Limits);
        if (!IsInPlace)
        {
            byte* to = _samples + (nint)(8 * y - _firstRow) * _stride + 8 * x;
            _idct.Transform(coefficients, _component.Quantization, count, to, _stride);
            return;
        }
        int wide = Math.Min(_frame.Width - 8 * x, 8), high = Math.Min(_frame.Height - 8 * y, 8);
        if (wide <= 0 || high <= 0)
            return; // fills an MCU
        byte* place = _samples + (nint)(8 * y) * _stride + 8 * x;
        if (wide == 8 && high == 8)
        {
            _idct.Transform(coefficients, _component.Quantization, count, place, _stride);
            return;
        }
        _idct.Transform(coefficients, _component.Quantization, count, _block, 8);
        for (int i = 0; i < high; i++)
            new ReadOnlySpan<byte>(_block + 8 * i, wide).CopyTo(new Span<byte>(place + (nint)i * _stride, wide));
    }

    /// <summary>Makes room for the next row of MCUs; the last row of samples is kept.</summary>
    public void Advance()
    {
        if (IsInPlace)
            return;
        int height = 8 * _component.Vertical;
        Buffer.MemoryCopy(_samples + (nint)height * _stride, _samples, _stride, _stride);
        _firstRow += height;
    }

    /// <summary>A row of the picture, from samples that are there; valid until the next is asked for.</summary>
    public byte* Row(int y)
    {
        byte* near = Samples(y / _down);
        if (_across == 1 && _down == 1)
            return near;
        int width = _component.Width;
        bool below = y % _down != 0;
        if (_smooth && _down == 2)
        {
            _rows.Blend(near, Samples(y / 2 + (below ? 1 : -1)), _sums, width);
            if (_across == 1)
                JpegRows.Quarter(_sums, _row, width, below ? 2 : 1);
            else
                _rows.Double(_sums, _row, width, 4);
        }
        else if (_smooth)
        {
            JpegRows.Widen(near, _sums, width);
            _rows.Double(_sums, _row, width, 2);
        }
        else if (_across == 1)
        {
            return near;
        }
        else
        {
            JpegRows.Repeat(near, _row, width, _across);
        }
        return _row;
    }

    /// <summary>Beyond the component's first and last rows stand these.</summary>
    byte* Samples(int row) => _samples + (nint)(Math.Clamp(row, 0, _component.Height - 1) - _firstRow) * _stride;
}
