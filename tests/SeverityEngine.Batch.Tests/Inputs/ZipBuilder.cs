using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace SeverityEngine.Batch.Tests.Inputs;

/// <summary>Writes zip archives field by field, sound ones and others.</summary>
sealed class ZipBuilder
{
    readonly List<byte> _archive = [];
    readonly List<byte> _directory = [];
    int _count;

    public ZipBuilder Raw(byte[] bytes)
    {
        _archive.AddRange(bytes);
        return this;
    }

    /// <summary>Adds a member.</summary>
    /// <param name="name">Its name in the directory.</param>
    /// <param name="content">What is in it.</param>
    /// <param name="method">How it says to be packed; only 0 and 8 are.</param>
    /// <param name="flags">Its flags; with 8 its sums follow the content.</param>
    /// <param name="local">Its name in its own header, if another.</param>
    /// <param name="large">Whether its sizes stand in extra fields.</param>
    public ZipBuilder Add(byte[] name, byte[] content, int method = 8, int flags = 0, byte[]? local = null, bool large = false)
    {
        byte[] packed = content;
        if (method == 8)
        {
            using MemoryStream deflated = new();
            using (DeflateStream deflate = new(deflated, CompressionLevel.Optimal, leaveOpen: true))
                deflate.Write(content);
            packed = deflated.ToArray();
        }
        uint sum = Crc32.HashToUInt32(content);
        long at = _archive.Count;
        bool after = (flags & 8) != 0;
        byte[] localName = local ?? name;
        Write(_archive, 0x04034B50, 4);
        Write(_archive, 20, 2);
        Write(_archive, (uint)flags, 2);
        Write(_archive, (uint)method, 2);
        Write(_archive, 0x21 << 16, 4);
        Write(_archive, after ? 0 : sum, 4);
        Write(_archive, after ? 0 : (uint)packed.Length, 4);
        Write(_archive, after ? 0 : (uint)content.Length, 4);
        Write(_archive, (uint)localName.Length, 2);
        Write(_archive, 0, 2);
        _archive.AddRange(localName);
        _archive.AddRange(packed);
        if (after)
        {
            Write(_archive, 0x08074B50, 4);
            Write(_archive, sum, 4);
            Write(_archive, (uint)packed.Length, 4);
            Write(_archive, (uint)content.Length, 4);
        }
        Write(_directory, 0x02014B50, 4);
        Write(_directory, 20, 2);
        Write(_directory, 20, 2);
        Write(_directory, (uint)flags, 2);
        Write(_directory, (uint)method, 2);
        Write(_directory, 0x21 << 16, 4);
        Write(_directory, sum, 4);
        Write(_directory, large ? uint.MaxValue : (uint)packed.Length, 4);
        Write(_directory, large ? uint.MaxValue : (uint)content.Length, 4);
        Write(_directory, (uint)name.Length, 2);
        Write(_directory, large ? 28u : 0, 2);
        Write(_directory, 0, 2);
        Write(_directory, 0, 4);
        Write(_directory, 0, 4);
        Write(_directory, large ? uint.MaxValue : (uint)at, 4);
        _directory.AddRange(name);
        if (large)
        {
            Write(_directory, 1, 2);
            Write(_directory, 24, 2);
            Write(_directory, (uint)content.Length, 8);
            Write(_directory, (uint)packed.Length, 8);
            Write(_directory, (uint)at, 8);
        }
        _count++;
        return this;
    }

    public ZipBuilder Add(string name, byte[] content, int method = 8, int flags = 0) =>
        Add(Encoding.UTF8.GetBytes(name), content, method, flags);

    public byte[] ToArray(string comment = "", bool large = false)
    {
        long at = _archive.Count;
        _archive.AddRange(_directory);
        long end = _archive.Count;
        if (large)
        {
            Write(_archive, 0x06064B50, 4);
            Write(_archive, 44, 8);
            Write(_archive, 45 | 45 << 16, 4);
            Write(_archive, 0, 8);
            Write(_archive, (uint)_count, 8);
            Write(_archive, (uint)_count, 8);
            Write(_archive, (uint)_directory.Count, 8);
            Write(_archive, (uint)at, 8);
            Write(_archive, 0x07064B50, 4);
            Write(_archive, 0, 4);
            Write(_archive, (uint)end, 8);
            Write(_archive, 1, 4);
        }
        Write(_archive, 0x06054B50, 4);
        Write(_archive, 0, 4);
        Write(_archive, large ? 0xFFFF : (uint)_count, 2);
        Write(_archive, large ? 0xFFFF : (uint)_count, 2);
        Write(_archive, large ? uint.MaxValue : (uint)_directory.Count, 4);
        Write(_archive, large ? uint.MaxValue : (uint)at, 4);
        Write(_archive, (uint)comment.Length, 2);
        _archive.AddRange(Encoding.Latin1.GetBytes(comment));
        return _archive.ToArray();
    }

    static void Write(List<byte> to, uint value, int bytes)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(number, value);
        to.AddRange(number[..bytes]);
    }
}
