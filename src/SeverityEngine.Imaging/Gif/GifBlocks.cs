using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Gif;

/// <summary>A GIF's bytes from block to block. Where the file ends before it should, it is truncated.</summary>
ref struct GifBlocks(ReadOnlySpan<byte> file, int at, string name)
{
    readonly ReadOnlySpan<byte> _file = file;
    int _at = at;
    int _subBlockLeft;
    uint _bits;
    int _bitCount;

    public string Name { get; } = name;

    /// <summary>The bytes that are left.</summary>
    public readonly int Left => _file.Length - _at;

    public byte Next() => _at < _file.Length ? _file[_at++] : throw Ends();

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > Left)
            throw Ends();
        _at += count;
        return _file.Slice(_at - count, count);
    }

    /// <summary>Skips an extension's sub-blocks.</summary>
    /// <returns>The transparent color that a graphic control extension names (GIF89a, 23); -1 for none.</returns>
    public int SkipExtension(bool isGraphicControl)
    {
        int transparent = -1, index = 0;
        for (int size = Next(); size > 0; size = Next(), index++)
        {
            ReadOnlySpan<byte> data = Take(size);
            if (!isGraphicControl || index > 0)
                continue;
            if (size != 4)
                throw ImageChecks.Corrupt(Name, $"a graphic control extension has {size} bytes in place of 4");
            transparent = (data[0] & 1) != 0 ? data[3] : -1;
        }
        // giflib reads on into what follows, so that readers disagree about the rest.
        if (index == 0)
            throw ImageChecks.Corrupt(Name, "an extension of it is empty");
        return transparent;
    }

    /// <summary>Begins to read codes from the sub-blocks that follow.</summary>
    public void BeginCodes() => (_subBlockLeft, _bits, _bitCount) = (0, 0, 0);

    /// <summary>The next code, least significant bit first; -1 where the sub-blocks end before it does.</summary>
    public int NextCode(int width)
    {
        while (_bitCount < width)
        {
            if (_subBlockLeft == 0 && (_subBlockLeft = Next()) == 0)
                return -1;
            _bits |= (uint)Next() << _bitCount;
            _bitCount += 8;
            _subBlockLeft--;
        }
        int code = (int)(_bits & ((1u << width) - 1));
        _bits >>= width;
        _bitCount -= width;
        return code;
    }

    /// <summary>Skips what is left of the sub-blocks.</summary>
    /// <returns>How many bytes that was.</returns>
    public int EndCodes()
    {
        int skipped = _subBlockLeft;
        Take(_subBlockLeft);
        for (int size = Next(); size > 0; size = Next())
        {
            Take(size);
            skipped += size;
        }
        return skipped;
    }

    readonly SeverityException Ends() => ImageChecks.Truncated(Name, $"its GIF blocks go on after its last byte, {_file.Length}");
}
