using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using SeverityEngine.Models.Checkpoints.Pickle;

namespace SeverityEngine.Models.Checkpoints.PyTorch;

/// <summary>
/// The content of a zip archive's entries: views of the file where they are stored, unpacked within the limits where deflated.
/// </summary>
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
        ulong nameAndExtra = (ulong)BinaryPrimitives.ReadUInt16LittleEndian(header[26..])
            + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
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

/// <summary>
/// The directory at the end of a zip archive. It is read here and not by <see cref="System.IO.Compression.ZipArchive"/> so that stored
/// entries, which PyTorch's all are, can be used where they stand.
/// </summary>
sealed class ZipDirectory
{
    const uint EndSignature = 0x06054b50;
    const uint End64LocatorSignature = 0x07064b50;
    const uint End64Signature = 0x06064b50;
    const uint EntrySignature = 0x02014b50;
    const int EndSize = 22;
    const int End64LocatorSize = 20;
    const int End64Size = 56;
    const int EntrySize = 46;
    const ushort Zip64Extra = 1;
    const string Step = "zip directory";

    readonly OrderedDictionary<string, ZipEntry> _entries = [];

    public ZipDirectory(ReadOnlySpan<byte> file, ReadContext context)
    {
        int end = FindEnd(file, context);
        ulong count = UInt16(file, end + 10);
        ulong size = UInt32(file, end + 12);
        ulong start = UInt32(file, end + 16);
        int limit = end;
        int locator = end - End64LocatorSize;
        if (locator >= 0 && UInt32(file, locator) == End64LocatorSignature)
        {
            context.At(locator, Step);
            ulong end64 = UInt64(file, locator + 8);
            if (end64 > (ulong)locator || (ulong)locator - end64 < End64Size || UInt32(file, (int)end64) != End64Signature)
                throw context.Invalid($"points to a zip64 record at byte {end64}, which there is not");
            limit = (int)end64;
            count = UInt64(file, limit + 32);
            size = UInt64(file, limit + 40);
            start = UInt64(file, limit + 48);
        }
        context.At(end, Step);
        if (start > (ulong)limit || size > (ulong)limit - start)
            throw context.Invalid($"says that it starts at byte {start} and has {size} bytes, beyond the {limit} before its end record");
        if (count > size / EntrySize)
            throw context.Invalid($"says that it has {count} entries in {size} bytes");
        Start = (int)start;
        ReadEntries(file[..(int)(start + size)], (int)count, context);
    }

    /// <summary>Where the directory starts, and with it the entries' data end.</summary>
    public int Start { get; }

    public IReadOnlyDictionary<string, ZipEntry> Entries => _entries;

    static int FindEnd(ReadOnlySpan<byte> file, ReadContext context)
    {
        // Only a comment, of 65,535 bytes at most, may follow the end record.
        int first = Math.Max(file.Length - EndSize - ushort.MaxValue, 0);
        for (int at = file.Length - EndSize; at >= first; at--)
        {
            if (UInt32(file, at) == EndSignature && at + EndSize + UInt16(file, at + 20) == file.Length)
                return at;
        }
        context.At(file.Length, Step);
        throw context.Invalid("has no zip directory at its end, so a part of it is missing");
    }

    void ReadEntries(ReadOnlySpan<byte> file, int count, ReadContext context)
    {
        int at = Start;
        ulong room = (ulong)Start;
        for (int i = 0; i < count; i++)
        {
            context.At(at, Step);
            context.Count();
            if (file.Length - at < EntrySize || UInt32(file, at) != EntrySignature)
                throw context.Invalid($"has no entry {i} of {count}");
            int nameLength = UInt16(file, at + 28);
            int extraLength = UInt16(file, at + 30);
            int length = EntrySize + nameLength + extraLength + UInt16(file, at + 32);
            if (file.Length - at < length)
                throw context.Invalid($"has an entry of {length} bytes where {file.Length - at} are left");
            context.Charge(3 * ReadContext.NodeCost + 2L * nameLength);
            ulong storedSize = UInt32(file, at + 20);
            ulong size = UInt32(file, at + 24);
            ulong offset = UInt32(file, at + 42);
            ReadZip64(file.Slice(at + EntrySize + nameLength, extraLength), ref size, ref storedSize, ref offset);
            // Entries that overlap could make the reader go over the same bytes time and again.
            if (storedSize > room)
                throw context.Invalid($"has entries that take more than the {Start} bytes before it, so they reach beyond it or overlap");
            room -= storedSize;
            // Names are ASCII in PyTorch's files; as Latin-1 any bytes are a name, and each name one sequence of bytes.
            string name = Encoding.Latin1.GetString(file.Slice(at + EntrySize, nameLength));
            ZipEntry entry = new(name, UInt16(file, at + 8), UInt16(file, at + 10), UInt32(file, at + 16), storedSize, size, offset);
            if (!_entries.TryAdd(name, entry))
                throw context.Invalid($"has two entries named {ReadContext.Quote(name)}");
            at += length;
        }
    }

    // A size or offset of all ones is in the zip64 extra field instead, which holds only those, in this order.
    static void ReadZip64(ReadOnlySpan<byte> extra, ref ulong size, ref ulong storedSize, ref ulong offset)
    {
        while (extra.Length >= 4)
        {
            int length = Math.Min(UInt16(extra, 2), extra.Length - 4);
            if (UInt16(extra, 0) == Zip64Extra)
            {
                ReadOnlySpan<byte> values = extra.Slice(4, length);
                Replace(ref size, ref values);
                Replace(ref storedSize, ref values);
                Replace(ref offset, ref values);
                return;
            }
            extra = extra[(4 + length)..];
        }
    }

    static void Replace(ref ulong value, ref ReadOnlySpan<byte> values)
    {
        if (value != uint.MaxValue || values.Length < sizeof(ulong))
            return;
        value = UInt64(values, 0);
        values = values[sizeof(ulong)..];
    }

    static ushort UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    static ulong UInt64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}

/// <summary>An entry of a zip archive as its directory describes it.</summary>
/// <param name="Name">Its path.</param>
/// <param name="Flags">The general purpose bits.</param>
/// <param name="Method">0 where it is stored as it is, 8 where deflated.</param>
/// <param name="Crc">The CRC-32 of its content; 0 where the writer left it out.</param>
/// <param name="StoredSize">Its bytes in the archive.</param>
/// <param name="Size">Its bytes when unpacked.</param>
/// <param name="HeaderOffset">Where its local header stands.</param>
readonly record struct ZipEntry(string Name, ushort Flags, ushort Method, uint Crc, ulong StoredSize, ulong Size, ulong HeaderOffset);
