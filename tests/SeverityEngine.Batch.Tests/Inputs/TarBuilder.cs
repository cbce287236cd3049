using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace SeverityEngine.Batch.Tests.Inputs;

/// <summary>Writes tar archives field by field, sound ones and others.</summary>
sealed class TarBuilder
{
    readonly List<byte> _archive = [];

    /// <summary>Adds a header whose sum is right, and what follows it.</summary>
    public TarBuilder Add(string name, byte[] content, char type = '0', string link = "", long? size = null, Action<byte[]>? change = null)
    {
        byte[] header = new byte[512];
        Put(header, 0, name);
        Put(header, 100, "0000644\0");
        Put(header, 108, "0000000\0");
        Put(header, 116, "0000000\0");
        Put(header, 124, Octal(size ?? content.Length));
        Put(header, 136, Octal(0));
        header[156] = (byte)type;
        Put(header, 157, link);
        Put(header, 257, "ustar\u000000");
        change?.Invoke(header);
        Sum(header);
        _archive.AddRange(header);
        return Raw(content).Raw(new byte[-content.Length & 511]);
    }

    public TarBuilder Pax(params (string Key, string Value)[] records) =>
        Add("pax", [.. records.SelectMany(r => Encoding.UTF8.GetBytes(Record(r.Key, r.Value)))], 'x');

    public TarBuilder Raw(byte[] bytes)
    {
        _archive.AddRange(bytes);
        return this;
    }

    public TarBuilder End() => Raw(new byte[1024]);

    public byte[] ToArray() => _archive.ToArray();

    public static string Octal(long value) => Convert.ToString(value, 8).PadLeft(11, '0') + "\0";

    public static void Put(byte[] block, int at, string text) => Encoding.Latin1.GetBytes(text).CopyTo(block, at);

    /// <summary>Writes the sum of a header into it.</summary>
    public static void Sum(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte b in header)
            sum += b;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0").CopyTo(header[148..]);
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    static string Record(string key, string value)
    {
        string rest = $" {key}={value}\n";
        int length = Encoding.UTF8.GetByteCount(rest);
        int digits = 1;
        while ((length + digits).ToString(CultureInfo.InvariantCulture).Length != digits)
            digits++;
        return (length + digits).ToString(CultureInfo.InvariantCulture) + rest;
    }
}
