using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using SeverityEngine.Models.Checkpoints.Pickle;

namespace SeverityEngine.Models.Checkpoints.PyTorch;

/// <summary>The content of a zip archive's entries: views of the file where they are stored, unpacked within the limits where deflated.</summary>
sealed class ZipContent(ReadOnlyMemory<byte> file, ReadContext context)
{
    const uint LocalSignature = 0x04034b50;
    const int LocalSize = 30;
    const ushort Encrypted = 1;
    const ushort Stored = 0;
    const ushort Deflated = 8;

    readonly ZipDirectory _directory = new(file.Span, context);

    public IReadOnlyDictionary<string, ZipEntry> Entries => _directory.Entries;

    public ReadOnlyMemory<byte> Read(string name)
    {
        if (!Entries.TryGetValue(name, out ZipEntry entry))
        {
            context.At(_directory.Start, "zip directory");
            throw context.Invalid($"has no entry {ReadContext.Quote(name)}");
        }
        context.At((long)Math.Min(entry.HeaderOffset, long.MaxValue), "zip entry " + ReadContext.Quote(name));
        if ((entry.Flags & Encrypted) != 0)
            throw context.Invalid("is encrypted", ReadContext.Resave);
        ReadOnlyMemory<byte> stored = Locate(entry);
        ReadOnlyMemory<byte> content = entry.Method switch
        {
            Stored when entry.Size == entry.StoredSize => stored,
            Stored => throw context.Invalid($"is stored as it is, in {entry.StoredSize} bytes for {entry.Size}"),
            Deflated => Inflate(stored, entry.Size),
            _ => throw context.Invalid($"is packed by method {entry.Method}, which is not read", ReadContext.Resave),
        };
        // PyTorch can be told to leave the sum out for speed.
        if (entry.Crc != 0 && Crc32.HashToUInt32(content.Span) != entry.Crc)
            throw context.Invalid("does not have the CRC-32 that the directory gives for it");
        return content;
    }

    ReadOnlyMemory<byte> Locate(ZipEntry entry)
    {
        ulong end = (ulong)_directory.Start;
        if (end < LocalSize || entry.HeaderOffset > end - LocalSize)
            throw context.Invalid("has no header before the directory");
        ReadOnlySpan<byte> header = file.Span[(int)entry.HeaderOffset..];
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature)
            throw context.Invalid("has no header where the directory says");
        ulong nameAndExtra = (ulong)BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        ulong start = entry.HeaderOffset + LocalSize + nameAndExtra;
        if (start > end || entry.StoredSize > end - start)
            throw context.Invalid($"has {entry.StoredSize} bytes from byte {start}, beyond the directory at {end}");
        return file.Slice((int)start, (int)entry.StoredSize);
    }

    byte[] Inflate(ReadOnlyMemory<byte> packed, ulong size)
    {
        // Deflate packs a thousandfold at most.
        const ulong HighestRatio = 1032;
        if (size > ((ulong)packed.Length + 1) * HighestRatio || size > (ulong)Array.MaxLength)
            throw context.Invalid($"claims {size} bytes unpacked from {packed.Length}");
        // The inflater's own window and buffers, and the packed bytes where they are in no array.
        context.Charge((long)size + packed.Length + (64 << 10));
        ArraySegment<byte> segment = MemoryMarshal.TryGetArray(packed, out ArraySegment<byte> array) ? array : packed.ToArray();
        byte[] content = GC.AllocateUninitializedArray<byte>((int)size);
        try
        {
            using MemoryStream source = new(segment.Array!, segment.Offset, segment.Count, writable: false);
            using DeflateStream inflater = new(source, CompressionMode.Decompress);
            inflater.ReadExactly(content);
            if (inflater.ReadByte() >= 0)
                throw context.Invalid($"unpacks to more than the {size} bytes it claims");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw context.Invalid("cannot be unpacked");
        }
        return content;
    }
}
