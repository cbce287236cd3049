using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace SeverityEngine.Tests;

/// <summary>Writes DICOM files from elements, in the forms that data sets have (PS3.5, 7 and annex A; PS3.10, 7.1).</summary>
sealed class DicomWriter(bool isImplicit = false, bool isBigEndian = false)
{
    const string LongForms = "OB OW SQ UN UT";

    readonly List<byte> _data = [];
    readonly List<int> _starts = [];

    /// <summary>Where the elements and items begin in the data set.</summary>
    public IReadOnlyList<int> Starts => _starts;

    public DicomWriter Text(uint tag, string vr, string value) =>
        Bytes(tag, vr, Encoding.ASCII.GetBytes(value + (value.Length % 2 == 0 ? "" : " ")));

    public DicomWriter Short(uint tag, int value)
    {
        byte[] bytes = new byte[2];
        Write16(bytes, (ushort)value);
        return Bytes(tag, "US", bytes);
    }

    /// <summary>An element whose length may be another than its value's.</summary>
    public DicomWriter Bytes(uint tag, string vr, byte[] value, uint? length = null)
    {
        Span<byte> head = stackalloc byte[12];
        int at = Head(head, tag);
        if (isImplicit || tag >> 16 == 0xFFFE)
        {
            Write32(head[at..], length ?? (uint)value.Length);
            at += 4;
        }
        else
        {
            head[at++] = (byte)vr[0];
            head[at++] = (byte)vr[1];
            if (LongForms.Contains(vr, StringComparison.Ordinal))
            {
                head[at..(at + 2)].Clear();
                Write32(head[(at + 2)..], length ?? (uint)value.Length);
                at += 6;
            }
            else
            {
                Write16(head[at..], (ushort)(length ?? (uint)value.Length));
                at += 2;
            }
        }
        _starts.Add(_data.Count);
        _data.AddRange(head[..at]);
        _data.AddRange(value);
        return this;
    }

    /// <summary>What a small picture has, without its pixels.</summary>
    public DicomWriter Picture(
        int width, int height, int stored = 12, string photometric = "MONOCHROME2", int allocated = 16, int samples = 1) => this
        .Text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.1")
        .Text(0x0008_0060, "CS", "DX")
        .Short(0x0028_0002, samples)
        .Text(0x0028_0004, "CS", photometric)
        .Short(0x0028_0010, height)
        .Short(0x0028_0011, width)
        .Short(0x0028_0100, allocated)
        .Short(0x0028_0101, stored)
        .Short(0x0028_0102, stored - 1)
        .Short(0x0028_0103, 0);

    public DicomWriter Pixels(ushort[] pixels)
    {
        byte[] bytes = new byte[2 * pixels.Length];
        for (int i = 0; i < pixels.Length; i++)
            Write16(bytes.AsSpan(2 * i), pixels[i]);
        return Bytes(0x7FE0_0010, "OW", bytes);
    }

    /// <summary>A compressed picture in so many fragments, behind an empty offset table (PS3.5, A.4).</summary>
    public DicomWriter Compressed(byte[] stream, int fragments = 1)
    {
        Bytes(0x7FE0_0010, "OB", [], uint.MaxValue).Item([]);
        int length = (stream.Length + 2 * fragments - 1) / (2 * fragments) * 2;
        for (int at = 0; at < stream.Length; at += length)
        {
            byte[] fragment = stream[at..Math.Min(stream.Length, at + length)];
            Item(fragment.Length % 2 == 0 ? fragment : [.. fragment, 0]);
        }
        return Bytes(0xFFFE_E0DD, "", []);
    }

    public DicomWriter Item(byte[] value, uint? length = null) => Bytes(0xFFFE_E000, "", value, length);

    /// <summary>The data set alone.</summary>
    public byte[] DataSet() => [.. _data];

    /// <summary>The file: a preamble, the mark, the meta header, and the data set, deflated if the transfer syntax says so.</summary>
    public byte[] File(string transferSyntax) => File(transferSyntax, DataSet());

    /// <summary>Likewise, of a data set that stands already.</summary>
    public static byte[] File(string transferSyntax, byte[] dataSet)
    {
        if (transferSyntax.EndsWith(".1.99", StringComparison.Ordinal))
        {
            using MemoryStream packed = new();
            using (DeflateStream deflater = new(packed, CompressionLevel.Optimal))
                deflater.Write(dataSet);
            dataSet = packed.ToArray();
        }
        string padded = transferSyntax.Length % 2 == 0 ? transferSyntax : transferSyntax + "\0";
        byte[] meta = new DicomWriter().Text(0x0002_0010, "UI", padded).DataSet();
        return [.. new byte[128], .. "DICM"u8, .. meta, .. dataSet];
    }

    int Head(Span<byte> head, uint tag)
    {
        Write16(head, (ushort)(tag >> 16));
        Write16(head[2..], (ushort)tag);
        return 4;
    }

    void Write16(Span<byte> to, ushort value)
    {
        if (isBigEndian)
            BinaryPrimitives.WriteUInt16BigEndian(to, value);
        else
            BinaryPrimitives.WriteUInt16LittleEndian(to, value);
    }

    void Write32(Span<byte> to, uint value)
    {
        if (isBigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(to, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(to, value);
    }
}
