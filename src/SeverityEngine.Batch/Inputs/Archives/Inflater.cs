using System.Buffers.Binary;

namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>
/// Unpacks DEFLATE (RFC 1951). .NET's own streams will not do: they read beyond the packed data without a word of where those end, and
/// take data that are cut short for whole, so that neither a checksum behind them nor what follows it can be looked at.
/// </summary>
sealed class Inflater(ByteSource source)
{
    const int Window = 32 << 10;
    const int OutputBytes = 64 << 10;
    const int LongestMatch = 258;

    static readonly byte[] s_lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    static readonly ushort[] s_lengthBase =
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
    static readonly byte[] s_lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
    static readonly ushort[] s_distanceBase =
        [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289,
            16385, 24577];
    static readonly byte[] s_distanceBits = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13,
        13];

    readonly HuffmanCode _literals = new(288);
    readonly HuffmanCode _distances = new(32);
    readonly HuffmanCode _lengths = new(19);

    // The last 32 KiB that were given away stand before what was unpacked since.
    readonly byte[] _output = new byte[Window + OutputBytes + LongestMatch];
    int _given = Window;
    int _filled = Window;
    long _total;

    ulong _bits;
    int _bitCount;
    Block _block;
    bool _isLast;
    int _storedLeft;

    enum Block
    {
        None,
        Stored,
        Coded,
        End,
    }

    /// <summary>Begins anew, where the source stands.</summary>
    public void Start()
    {
        _given = _filled = Window;
        _total = 0;
        _bits = 0;
        _bitCount = 0;
        _block = Block.None;
        _isLast = false;
    }

    /// <summary>Unpacks some bytes; 0 at the end of the packed data, behind which the source then stands.</summary>
    /// <exception cref="InvalidDataException">They are damaged or cut short.</exception>
    public int Read(Span<byte> destination)
    {
        if (destination.IsEmpty)
            return 0;
        while (_given == _filled && _block != Block.End)
            Unpack();
        int count = Math.Min(destination.Length, _filled - _given);
        _output.AsSpan(_given, count).CopyTo(destination);
        _given += count;
        return count;
    }

    void Unpack()
    {
        if (_filled >= Window + OutputBytes)
        {
            _output.AsSpan(_filled - Window, Window).CopyTo(_output);
            _given = _filled = Window;
        }
        int before = _filled;
        if (_block == Block.None)
            StartBlock();
        if (_block == Block.Stored)
            CopyStored();
        else if (_block == Block.Coded)
            Decode();
        _total += _filled - before;
        if (_block == Block.None && _isLast)
        {
            _block = Block.End;
            // Whole bytes in the register were not for this decoder.
            source.GiveBack(_bitCount / 8);
        }
    }

    void StartBlock()
    {
        _isLast = Take(1) == 1;
        switch (Take(2))
        {
            case 0:
                Drop(_bitCount & 7);
                _storedLeft = Take(16);
                if ((_storedLeft ^ Take(16)) != 0xFFFF)
                    throw new InvalidDataException("its packed data contradict themselves");
                source.GiveBack(_bitCount / 8);
                _bits = 0;
                _bitCount = 0;
                _block = Block.Stored;
                break;
            case 1:
                Span<byte> lengths = stackalloc byte[288 + 32];
                lengths[..144].Fill(8);
                lengths[144..256].Fill(9);
                lengths[256..280].Fill(7);
                lengths[280..288].Fill(8);
                lengths[288..].Fill(5);
                _literals.Build(lengths[..288], mayBeOne: false);
                _distances.Build(lengths[288..], mayBeOne: false);
                _block = Block.Coded;
                break;
            case 2:
                ReadCodes();
                _block = Block.Coded;
                break;
            default:
                throw new InvalidDataException("its packed data are damaged");
        }
    }

    void ReadCodes()
    {
        int literals = Take(5) + 257, distances = Take(5) + 1, orders = Take(4) + 4;
        if (literals > 286 || distances > 30)
            throw new InvalidDataException("its packed data have too many codes");
        Span<byte> lengths = stackalloc byte[286 + 30];
        lengths[..s_lengthOrder.Length].Clear();
        for (int i = 0; i < orders; i++)
            lengths[s_lengthOrder[i]] = (byte)Take(3);
        _lengths.Build(lengths[..s_lengthOrder.Length], mayBeOne: false);
        lengths.Clear();
        int at = 0;
        while (at < literals + distances)
        {
            Refill();
            int symbol = _lengths.Decode(_bits, out int bits);
            Drop(bits);
            if (symbol < 16)
            {
                lengths[at++] = (byte)symbol;
                continue;
            }
            if (symbol == 16 && at == 0)
                throw new InvalidDataException("its packed data repeat what is not there");
            byte value = symbol == 16 ? lengths[at - 1] : (byte)0;
            int count = symbol switch { 16 => 3 + Take(2), 17 => 3 + Take(3), _ => 11 + Take(7) };
            if (at + count > literals + distances)
                throw new InvalidDataException("its packed data have too many codes");
            lengths.Slice(at, count).Fill(value);
            at += count;
        }
        if (lengths[256] == 0)
            throw new InvalidDataException("its packed data have no end");
        _literals.Build(lengths[..literals], mayBeOne: true);
        _distances.Build(lengths.Slice(literals, distances), mayBeOne: true);
    }

    void CopyStored()
    {
        while (_storedLeft > 0 && _filled < Window + OutputBytes)
        {
            if (source.Buffered.IsEmpty && !source.Fill())
                throw CutShort();
            int count = Math.Min(Math.Min(_storedLeft, Window + OutputBytes - _filled), source.Buffered.Length);
            source.Buffered[..count].CopyTo(_output.AsSpan(_filled));
            source.Take(count);
            _filled += count;
            _storedLeft -= count;
        }
        if (_storedLeft == 0)
            _block = Block.None;
    }

    void Decode()
    {
        // A match is written whole: the output has room for one behind its end.
        byte[] output = _output;
        int filled = _filled;
        while (filled < Window + OutputBytes)
        {
            // One literal or match takes 48 bits at most: 15 and 5 of the length, 15 and 13 of the distance.
            Refill();
            int symbol = _literals.Decode(_bits, out int bits);
            if (symbol < 0)
                throw Invalid(bits);
            Drop(bits);
            if (symbol < 256)
            {
                output[filled++] = (byte)symbol;
                continue;
            }
            if (symbol == 256)
            {
                _block = Block.None;
                break;
            }
            if (symbol > 285)
                throw new InvalidDataException("its packed data are damaged");
            int length = s_lengthBase[symbol - 257] + TakeBuffered(s_lengthBits[symbol - 257]);
            symbol = _distances.Decode(_bits, out bits);
            if (symbol is < 0 or > 29)
                throw Invalid(bits);
            Drop(bits);
            int distance = s_distanceBase[symbol] + TakeBuffered(s_distanceBits[symbol]);
            if (distance > _total + filled - _filled)
                throw new InvalidDataException("its packed data repeat what is not there");
            if (distance >= length)
                output.AsSpan(filled - distance, length).CopyTo(output.AsSpan(filled));
            else
            {
                for (int i = 0; i < length; i++)
                    output[filled + i] = output[filled + i - distance];
            }
            filled += length;
        }
        _filled = filled;
    }

    /// <summary>Has 56 bits or more in the register, as far as there are bytes.</summary>
    void Refill()
    {
        if (_bitCount >= 56)
            return;
        ReadOnlySpan<byte> bytes = source.Buffered;
        if (bytes.Length >= 8)
        {
            // Bits above the count are those of the bytes that come next, and are set to the same again.
            _bits |= BinaryPrimitives.ReadUInt64LittleEndian(bytes) << _bitCount;
            int count = (63 - _bitCount) >> 3;
            source.Take(count);
            _bitCount += 8 * count;
            return;
        }
        while (_bitCount < 56)
        {
            int value = source.ReadByte();
            if (value < 0)
                return;
            _bits = _bits & ((1UL << _bitCount) - 1) | (ulong)value << _bitCount;
            _bitCount += 8;
        }
    }

    int Take(int count)
    {
        Refill();
        return TakeBuffered(count);
    }

    int TakeBuffered(int count)
    {
        int value = (int)(_bits & ((1UL << count) - 1));
        Drop(count);
        return value;
    }

    void Drop(int count)
    {
        if (count > _bitCount)
            throw CutShort();
        _bits >>= count;
        _bitCount -= count;
    }

    InvalidDataException Invalid(int bits) =>
        _bitCount < HuffmanCode.MostBits && bits == 0 ? CutShort() : new InvalidDataException("its packed data are damaged");

    static InvalidDataException CutShort() => new("its packed data are cut short");
}
