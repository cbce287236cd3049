namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>
/// Reads a tar archive from front to back: POSIX (ustar, pax), GNU (long names, sparse files) and the old form. It judges as GNU tar
/// does, which .NET's reader does not: a header whose sum is wrong is refused, and so is an archive that ends in the middle of a member.
/// </summary>
/// <param name="archive">The archive, unpacked.</param>
/// <param name="at">Where it stands.</param>
sealed class TarReader(Stream archive, long at = 0)
{
    /// <summary>The longest name, and the largest pax header.</summary>
    const int MostText = 1 << 20;

    readonly byte[] _block = new byte[TarHeader.BlockBytes];
    readonly PaxHeader _all = new();
    byte[]? _skipped;
    long _at = at;
    long _left;
    int _padding;
    SparseMap? _map;
    long _size;

    /// <summary>
    /// The next member; null at the end of the archive. What a gzip file holds behind that is read too, for its checksum comes last.
    /// </summary>
    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    public TarMember? Next()
    {
        Skip(_left);
        Skip(_padding);
        _left = _padding = 0;
        _map = null;
        long start = _at;
        string? longName = null, longTarget = null;
        PaxHeader? pax = null;
        while (true)
        {
            long at = _at;
            if (!ReadBlock() || IsZero())
            {
                if (at != start)
                    throw new InvalidDataException($"the member at byte {start} is missing behind its long name or pax header");
                ReadEnd(at);
                return null;
            }
            TarHeader header = new(_block);
            if (!header.HasItsSum())
            {
                throw new InvalidDataException(at == 0 ? "it is no tar archive, or its first header is damaged"
                    : $"the header at byte {at} does not match its sum");
            }
            if (header.Size is not { } size || size < 0 || !header.HasSoundNumbers)
                throw new InvalidDataException($"the header at byte {at} holds no numbers");
            switch (header.Type)
            {
                case 'L':
                    longName = TarHeader.Text(ReadText(size, at));
                    break;
                case 'K':
                    longTarget = TarHeader.Text(ReadText(size, at));
                    break;
                case 'x' or 'X':
                    pax = _all.Copy();
                    pax.Read(ReadText(size, at));
                    break;
                case 'g':
                    _all.Read(ReadText(size, at));
                    start = pax is null && longName is null && longTarget is null ? _at : start;
                    break;
                default:
                    return Member(header, pax ?? _all, longName, longTarget, size, start);
            }
        }
    }

    /// <summary>The content of the file that <see cref="Next"/> gave last; valid until that is called again.</summary>
    /// <param name="owner">What to close with it.</param>
    public Stream Open(Stream? owner = null) => new TarContent(this, _map, _size, owner);

    /// <summary>Reads of the bytes that the archive holds of the current member.</summary>
    public int Read(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, _left);
        if (count == 0)
            return 0;
        int read = archive.Read(buffer[..count]);
        if (read == 0)
            throw CutShort();
        _at += read;
        _left -= read;
        return read;
    }

    TarMember Member(TarHeader header, PaxHeader pax, string? longName, string? longTarget, long size, long start)
    {
        string name = pax.SparseName ?? pax.Name ?? longName ?? header.Name;
        string target = pax.LinkName ?? longTarget ?? header.LinkName;
        TarKind kind = header.Type switch
        {
            '1' => TarKind.HardLink,
            '2' => TarKind.SymbolicLink,
            '3' or '4' or '6' => TarKind.Special,
            '5' or 'D' or 'V' => TarKind.Folder,
            'M' => TarKind.Continuation,
            // POSIX wants other letters taken for files.
            _ => TarKind.File,
        };
        // Of a hard link the size is that of its file, whose bytes stand there alone; of a folder, what it may grow to.
        _left = kind == TarKind.HardLink || header.Type == '5' ? 0 : pax.Size ?? size;
        _padding = (int)(-_left & (TarHeader.BlockBytes - 1));
        _size = _left;
        bool isUnknown = pax.HasUnknownMap;
        if (kind == TarKind.File && !isUnknown)
            ReadMap(header, pax, name);
        return new TarMember(name, kind, target, start, isUnknown);
    }

    void ReadMap(TarHeader header, PaxHeader pax, string name)
    {
        bool isOld = header.Type == 'S' && header.IsGnu;
        if (!isOld && pax.Map is null && !pax.HasMapInContent)
            return;
        try
        {
            if (!isOld && !header.IsPosix)
                throw new InvalidDataException("its header is of a form that has no pax headers");
            _size = (isOld ? header.SparseSize : pax.SparseSize) ?? throw new InvalidDataException("its size is missing");
            _map = isOld ? OldMap(header) : pax.HasMapInContent ? MapInContent() : pax.Map!;
            _map.Check(_size, _left);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"the sparse member {name} is damaged: {e.Message}", e);
        }
    }

    SparseMap OldMap(TarHeader header)
    {
        SparseMap map = new();
        map.AddOld(header.SparsePieces);
        bool more = header.HasMorePieces;
        while (more)
        {
            if (!ReadBlock())
                throw CutShort();
            map.AddOld(_block.AsSpan(0, 21 * SparseMap.OldPieceBytes));
            more = _block[504] != 0;
            if (more && map.Pieces.Count == 0)
                throw new InvalidDataException("its map is empty");
        }
        return map;
    }

    /// <summary>Lines of decimal numbers in whole blocks: how many pieces there are, and the place and the length of each.</summary>
    SparseMap MapInContent()
    {
        SparseMap map = new();
        int left = 0;
        long count = NextLine();
        for (long i = 0; i < count; i++)
        {
            long at = NextLine();
            map.Add(at, NextLine());
        }
        return map;

        long NextLine()
        {
            Span<byte> line = stackalloc byte[20];
            int length = 0;
            while (true)
            {
                if (left == 0)
                {
                    if (_left < _block.Length || !ReadBlock())
                        throw new InvalidDataException("its map is cut short");
                    _left -= _block.Length;
                    left = _block.Length;
                }
                byte b = _block[^left--];
                if (b == '\n')
                    break;
                if (length == line.Length)
                    throw new InvalidDataException("its map holds no numbers");
                line[length++] = b;
            }
            ReadOnlySpan<byte> number = line[..length];
            return SparseMap.NextNumber(ref number, '\n') is { } value and >= 0 ? value
                : throw new InvalidDataException("its map holds no numbers");
        }
    }

    void ReadEnd(long at)
    {
        if (_at == 0)
            throw new InvalidDataException("it is empty");
        if (_at != at && ReadBlock() && !IsZero())
            throw new InvalidDataException($"a block of zeros at byte {at} stands where a header should");
        if (archive.CanSeek)
            return;
        _skipped ??= new byte[64 << 10];
        while (archive.Read(_skipped, 0, _skipped.Length) > 0)
        {
        }
    }

    byte[] ReadText(long size, long at)
    {
        if (size > MostText)
            throw new InvalidDataException($"the name or pax header at byte {at} has more than {MostText} bytes");
        byte[] text = new byte[size];
        if (archive.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) != text.Length)
            throw CutShort();
        _at += size;
        Skip(-size & (TarHeader.BlockBytes - 1));
        return text;
    }

    /// <summary>Reads a block; false where the archive has ended.</summary>
    bool ReadBlock()
    {
        int read = archive.ReadAtLeast(_block, _block.Length, throwOnEndOfStream: false);
        if (read != 0 && read != _block.Length)
            throw CutShort();
        _at += read;
        return read != 0;
    }

    bool IsZero() => !_block.AsSpan().ContainsAnyExcept((byte)0);

    public void Skip(long count)
    {
        if (count == 0)
            return;
        if (archive.CanSeek)
        {
            if (count > archive.Length - archive.Position)
                throw CutShort();
            archive.Seek(count, SeekOrigin.Current);
            _at += count;
            return;
        }
        _skipped ??= new byte[64 << 10];
        while (count > 0)
        {
            int read = archive.Read(_skipped, 0, (int)Math.Min(count, _skipped.Length));
            if (read == 0)
                throw CutShort();
            count -= read;
            _at += read;
        }
    }

    static InvalidDataException CutShort() => new("it is cut short");
}
