using System.Buffers.Binary;

namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>
/// The directory at the end of a zip archive, and the members' own headers, which have to agree with it: where they do not, one of the
/// two was changed. Something may stand before the archive, such as the program of a self-extracting one.
/// </summary>
/// <param name="file">The archive.</param>
sealed class ZipCentralDirectory(FileStream file)
{
    const uint EntryMark = 0x02014B50, LocalMark = 0x04034B50, SignatureMark = 0x05054B50;
    const int EndBytes = 22, LargeEndBytes = 56, LocatorBytes = 20, LocalBytes = 30;

    /// <summary>Some two million members.</summary>
    const int MostBytes = 256 << 20;

    const int IsEncrypted = 1, HasDescriptor = 8, IsUtf8 = 0x800;

    long _prefix;
    long _start;

    static ReadOnlySpan<byte> EndMark => "PK\u0005\u0006"u8;

    static ReadOnlySpan<byte> LargeEndMark => "PK\u0006\u0006"u8;

    static ReadOnlySpan<byte> LocatorMark => "PK\u0006\u0007"u8;

    /// <summary>Every entry, in the order of the directory.</summary>
    /// <exception cref="InvalidDataException">There is no directory, or it is damaged.</exception>
    public List<ZipMember> Read()
    {
        (long end, long count, long bytes, long at) = FindEnd();
        _start = end - bytes;
        _prefix = _start - at;
        if (_start < 0 || _prefix < 0)
            throw new InvalidDataException("its directory is cut short");
        if (bytes > MostBytes)
            throw new InvalidDataException($"its directory has more than {MostBytes} bytes");
        byte[] directory = new byte[bytes];
        ReadAt(_start, directory);
        List<ZipMember> members = [];
        ReadOnlySpan<byte> rest = directory;
        while (rest.Length >= ZipMember.FixedBytes && ZipMember.U32(rest, 0) == EntryMark)
        {
            int length = ZipMember.FixedBytes + ZipMember.U16(rest, 28) + ZipMember.U16(rest, 30) + ZipMember.U16(rest, 32);
            if (length > rest.Length)
                throw new InvalidDataException("its directory is damaged");
            members.Add(new ZipMember(rest[..length]));
            rest = rest[length..];
        }
        if (!rest.IsEmpty && (rest.Length < 4 || ZipMember.U32(rest, 0) != SignatureMark))
            throw new InvalidDataException("its directory is damaged");
        if (members.Count != count)
            throw new InvalidDataException($"its directory has {members.Count} members and claims {count}");
        return members;
    }

    /// <summary>Where a member's content begins.</summary>
    /// <exception cref="InvalidDataException">Its own header is damaged, or is not what the directory says.</exception>
    public long ContentAt(ZipMember member)
    {
        long at = _prefix + member.At;
        byte[] header = new byte[LocalBytes];
        if (at < 0 || at > _start - LocalBytes)
            throw new InvalidDataException("its place is not in the archive");
        ReadAt(at, header);
        if (ZipMember.U32(header, 0) != LocalMark)
            throw new InvalidDataException("its own header is missing");
        byte[] name = new byte[ZipMember.U16(header, 26)];
        ReadAt(at + LocalBytes, name);
        if (!name.AsSpan().SequenceEqual(member.RawName))
            throw new InvalidDataException($"its own header calls it {ZipMember.Text(name)}");
        int flags = ZipMember.U16(header, 6);
        bool hasSums = (flags & HasDescriptor) == 0;
        uint packed = ZipMember.U32(header, 18), bytes = ZipMember.U32(header, 22);
        if (((flags ^ member.Flags) & (IsEncrypted | IsUtf8)) != 0 || ZipMember.U16(header, 8) != member.Method
            || (hasSums && (ZipMember.U32(header, 14) != member.Crc32 || Differs(packed, member.PackedBytes)
                || Differs(bytes, member.Bytes))))
            throw new InvalidDataException("its own header differs from the directory");
        long content = at + LocalBytes + name.Length + ZipMember.U16(header, 28);
        if (member.PackedBytes > _start - content)
            throw new InvalidDataException("it is cut short");
        return content;

        static bool Differs(uint small, long value) => small != uint.MaxValue && small != value;
    }

    (long End, long Count, long Bytes, long At) FindEnd()
    {
        int length = (int)Math.Min(file.Length, EndBytes + ushort.MaxValue);
        byte[] tail = new byte[length];
        ReadAt(file.Length - length, tail);
        // A comment may hold the mark too, so one whose comment ends the file comes first; then the last one, behind which something was
        // added.
        for (int pass = 0; pass < 2; pass++)
        {
            for (int at = length - EndBytes; at >= 0; at--)
            {
                ReadOnlySpan<byte> end = tail.AsSpan(at);
                if (!end.StartsWith(EndMark))
                    continue;
                int comment = ZipMember.U16(end, 20), left = end.Length - EndBytes;
                if (pass == 0 ? comment == left : comment < left)
                {
                    long position = file.Length - length + at;
                    if (Parse(end, position) is { } found)
                        return found;
                }
                if (pass == 1)
                    break;
            }
        }
        throw new InvalidDataException("its directory is missing: it is no zip archive, or is cut short");
    }

    /// <summary>What one end says; null where no directory stands before it.</summary>
    (long End, long Count, long Bytes, long At)? Parse(ReadOnlySpan<byte> end, long position)
    {
        int disk = ZipMember.U16(end, 4), directoryDisk = ZipMember.U16(end, 6);
        long here = ZipMember.U16(end, 8), count = ZipMember.U16(end, 10), bytes = ZipMember.U32(end, 12), at = ZipMember.U32(end, 16);
        if (ReadLargeEnd(position) is { } large)
        {
            byte[] record = large.Record;
            (long smallHere, long smallCount, long smallBytes, long smallAt) = (here, count, bytes, at);
            position = large.At;
            here = BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(24));
            count = BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(32));
            bytes = BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(40));
            at = BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(48));
            // Numbers that have room in the small record stand there too.
            if (Differs(smallHere, here, ushort.MaxValue) || Differs(smallCount, count, ushort.MaxValue)
                || Differs(smallBytes, bytes, uint.MaxValue) || Differs(smallAt, at, uint.MaxValue)
                || (disk is not (0 or ushort.MaxValue)) || (directoryDisk is not (0 or ushort.MaxValue))
                || large.Claimed != at + bytes)
                throw new InvalidDataException("its directory is damaged");
        }
        else if (disk != 0 || directoryDisk != 0)
            throw new InvalidDataException("it is one part of several; put them together");
        if (here != count)
            throw new InvalidDataException("it is one part of several, or damaged");
        if (bytes < 0 || bytes > position || at < 0)
            return null;
        byte[] mark = new byte[4];
        if (bytes == 0)
            return count == 0 ? (position, count, bytes, at) : null;
        ReadAt(position - bytes, mark);
        return ZipMember.U32(mark, 0) == EntryMark ? (position, count, bytes, at) : null;

        static bool Differs(long small, long large, long none) => small != none && small != large;
    }

    (long At, long Claimed, byte[] Record)? ReadLargeEnd(long end)
    {
        if (end < LocatorBytes + LargeEndBytes)
            return null;
        byte[] locator = new byte[LocatorBytes];
        ReadAt(end - LocatorBytes, locator);
        if (!locator.AsSpan().StartsWith(LocatorMark))
            return null;
        byte[] record = new byte[LargeEndBytes];
        long claimed = BinaryPrimitives.ReadInt64LittleEndian(locator.AsSpan(8));
        if (ZipMember.U32(locator, 4) != 0 || ZipMember.U32(locator, 16) > 1)
            throw new InvalidDataException("it is one part of several; put them together");
        foreach (long at in (long[])[claimed, end - LocatorBytes - LargeEndBytes])
        {
            if (at < 0 || at > end - LocatorBytes - LargeEndBytes)
                continue;
            ReadAt(at, record);
            // It ends where the locator begins, and is all in this file.
            if (record.AsSpan().StartsWith(LargeEndMark)
                && BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(4)) == end - LocatorBytes - at - 12
                && ZipMember.U32(record, 16) == 0 && ZipMember.U32(record, 20) == 0)
                return (at, claimed, record);
        }
        throw new InvalidDataException("its directory is damaged");
    }

    void ReadAt(long at, Span<byte> buffer)
    {
        file.Position = at;
        if (file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) != buffer.Length)
            throw new InvalidDataException("it is cut short");
    }
}
