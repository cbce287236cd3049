using System.Buffers.Binary;
using System.IO.Hashing;
using SeverityEngine.Imaging.Encoders;

namespace SeverityEngine.Imaging.Png;

/// <summary>Takes a PNG's compressed data and writes them as IDAT chunks; other chunks go between.</summary>
sealed class PngChunkStream(Stream output) : WriteOnlyStream
{
    const int MaxData = 64 << 10;

    /// <summary>A chunk's length and type before its data; its checksum after.</summary>
    const int Before = 8, After = 4;

    readonly byte[] _chunk = new byte[Before + MaxData + After];
    int _filled;

    /// <summary>Writes one short chunk, when no data are held back.</summary>
    public void WriteChunk(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        data.CopyTo(_chunk.AsSpan(Before));
        Emit(type, data.Length);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int taken = Math.Min(buffer.Length, MaxData - _filled);
            buffer[..taken].CopyTo(_chunk.AsSpan(Before + _filled));
            _filled += taken;
            buffer = buffer[taken..];
            if (_filled == MaxData)
                Flush();
        }
    }

    public override void Flush()
    {
        if (_filled > 0)
            Emit("IDAT"u8, _filled);
        _filled = 0;
    }

    void Emit(ReadOnlySpan<byte> type, int length)
    {
        Span<byte> chunk = _chunk.AsSpan(0, Before + length + After);
        BinaryPrimitives.WriteInt32BigEndian(chunk, length);
        type.CopyTo(chunk[4..]);
        BinaryPrimitives.WriteUInt32BigEndian(chunk[(Before + length)..], Crc32.HashToUInt32(chunk.Slice(4, 4 + length)));
        output.Write(chunk);
    }
}
