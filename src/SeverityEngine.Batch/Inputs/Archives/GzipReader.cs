using System.Buffers.Binary;
using System.IO.Hashing;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>
/// Unpacks gzip (RFC 1952) and refuses what <c>gzip -t</c> refuses: each member's checksum and length are compared, members may follow one
/// another, and after the last only zeros may.
/// </summary>
/// <param name="packed">The gzip file; closed with the reader.</param>
sealed class GzipReader(Stream packed) : ReadOnlyStream
{
    const int HasChecksum = 2, HasExtra = 4, HasName = 8, HasComment = 16, Unknown = 0xE0;
    const int Deflate = 8;

    readonly ByteSource _source = new(packed);
    readonly Crc32 _sum = new();
    Inflater? _inflater;
    uint _length;
    State _state;
    InvalidDataException? _fault;

    enum State
    {
        Before,
        Inside,
        Ended,
    }

    public static ReadOnlySpan<byte> Magic => [0x1F, 0x8B];

    public override int Read(Span<byte> buffer)
    {
        if (_fault is not null)
            throw new InvalidDataException(_fault.Message, _fault);
        try
        {
            while (_state != State.Ended && !buffer.IsEmpty)
            {
                if (_state == State.Before && !StartMember())
                    break;
                int read = _inflater!.Read(buffer);
                if (read > 0)
                {
                    _sum.Append(buffer[..read]);
                    _length += (uint)read;
                    return read;
                }
                EndMember();
            }
            return 0;
        }
        catch (InvalidDataException e)
        {
            // Whoever asks again hears the same.
            _fault = e;
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            packed.Dispose();
        base.Dispose(disposing);
    }

    bool StartMember()
    {
        bool isFirst = _inflater is null;
        int first = _source.ReadByte();
        if (!isFirst)
        {
            // As tapes and downloads fill files up.
            bool isPadded = first == 0;
            while (first == 0)
                first = _source.ReadByte();
            if (first < 0)
            {
                _state = State.Ended;
                return false;
            }
            if (isPadded || first != Magic[0] || _source.ReadByte() != Magic[1])
                throw new InvalidDataException("something else follows its gzip data");
        }
        else if (first != Magic[0] || _source.ReadByte() != Magic[1])
            throw new InvalidDataException("it is no gzip file");
        ReadHeader();
        _inflater ??= new Inflater(_source);
        _inflater.Start();
        _sum.Reset();
        _length = 0;
        _state = State.Inside;
        return true;
    }

    void ReadHeader()
    {
        Crc32 sum = new();
        sum.Append(Magic);
        int method = Next(), flags = Next();
        if (method != Deflate)
            throw new InvalidDataException($"its gzip header names an unknown method, {method}");
        if ((flags & Unknown) != 0)
            throw new InvalidDataException("its gzip header has unknown flags");
        // The time, and what packed it where.
        for (int i = 0; i < 6; i++)
            Next();
        if ((flags & HasExtra) != 0)
        {
            int length = Next() | Next() << 8;
            for (int i = 0; i < length; i++)
                Next();
        }
        for (int texts = (flags & HasName) / HasName + (flags & HasComment) / HasComment; texts > 0; texts--)
        {
            while (Next() != 0)
            {
            }
        }
        if ((flags & HasChecksum) != 0)
        {
            int expected = (int)(sum.GetCurrentHashAsUInt32() & 0xFFFF);
            if ((Next() | Next() << 8) != expected)
                throw new InvalidDataException("its gzip header does not match its checksum");
        }

        int Next()
        {
            int value = _source.ReadByte();
            if (value < 0)
                throw new InvalidDataException("its gzip header is cut short");
            sum.Append([(byte)value]);
            return value;
        }
    }

    void EndMember()
    {
        Span<byte> trailer = stackalloc byte[8];
        if (_source.Read(trailer) != trailer.Length)
            throw new InvalidDataException("its gzip data are cut short");
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != _sum.GetCurrentHashAsUInt32())
            throw new InvalidDataException("its gzip data do not match their checksum");
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) != _length)
            throw new InvalidDataException("its gzip data do not match their length");
        _state = State.Before;
    }
}
