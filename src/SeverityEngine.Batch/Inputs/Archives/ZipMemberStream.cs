using System.IO.Hashing;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>The content of a zip member, unpacked; at its end its length and checksum are compared.</summary>
sealed class ZipMemberStream : ReadOnlyStream
{
    public const int Stored = 0, Deflated = 8;

    readonly ZipMember _member;
    readonly Part _part;
    readonly Inflater? _inflater;
    readonly ByteSource _source;
    readonly Crc32 _sum = new();
    long _length;
    bool _isChecked;

    public ZipMemberStream(FileStream archive, long at, ZipMember member)
    {
        _member = member;
        _part = new Part(archive, at, member.PackedBytes);
        _source = new ByteSource(_part);
        if (member.Method != Deflated)
            return;
        _inflater = new Inflater(_source);
        _inflater.Start();
    }

    /// <summary>What a way of packing is called (APPNOTE.TXT, 4.4.5).</summary>
    public static string MethodName(int method) => method switch
    {
        1 => "Shrink",
        >= 2 and <= 5 => "Reduce",
        6 => "Implode",
        9 => "Deflate64",
        12 => "bzip2",
        14 => "LZMA",
        93 => "Zstandard",
        95 => "xz",
        97 => "WavPack",
        98 => "PPMd",
        99 => "AES",
        _ => $"method {method}",
    };

    public override long Length => _member.Bytes;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        int read = _inflater?.Read(buffer) ?? _source.Read(buffer);
        _sum.Append(buffer[..read]);
        _length += read;
        if (read == 0 && !_isChecked)
        {
            if (_length != _member.Bytes)
                throw new InvalidDataException($"it has {_length} bytes, not {_member.Bytes}");
            if (!_source.Buffered.IsEmpty || _part.Left != 0)
                throw new InvalidDataException("its packed data end too early");
            if (_sum.GetCurrentHashAsUInt32() != _member.Crc32)
                throw new InvalidDataException("its content does not match its checksum");
            _isChecked = true;
        }
        return read;
    }

    /// <summary>A part of a file.</summary>
    sealed class Part(FileStream file, long at, long length) : ReadOnlyStream
    {
        long _at = at;

        public long Left { get; private set; } = length;

        public override int Read(Span<byte> buffer)
        {
            file.Position = _at;
            int read = file.Read(buffer[..(int)Math.Min(buffer.Length, Left)]);
            _at += read;
            Left -= read;
            return read;
        }
    }
}
