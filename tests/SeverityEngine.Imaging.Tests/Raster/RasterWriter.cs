using System.Buffers.Binary;

namespace SeverityEngine.Imaging.Tests.Raster;

/// <summary>Writes random undamaged pictures in the forms that the engine and StbImageSharp both read.</summary>
sealed class RasterWriter(Random random)
{
    readonly List<byte> _file = [];

    public static IEnumerable<string> Forms { get; } = [
        "bmp-1", "bmp-4", "bmp-8", "bmp-24", "bmp-32", "gif", "gif-interlaced",
        "tga-8", "tga-16", "tga-24", "tga-32", "tga-mapped", "tga-8-runs", "tga-16-runs", "tga-24-runs", "tga-32-runs", "tga-mapped-runs",
        "psd-8", "psd-16", "psd-8-runs"];

    public byte[] Write(string form)
    {
        _file.Clear();
        int width = random.Next(1, 70), height = random.Next(1, 50);
        string[] parts = form.Split('-');
        bool runs = form.EndsWith("-runs", StringComparison.Ordinal);
        switch (parts[0])
        {
            case "bmp":
                WriteBmp(width, height, int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
                break;
            case "gif":
                WriteGif(width, height, parts.Length > 1);
                break;
            case "tga":
                WriteTga(width, height, parts[1], runs);
                break;
            default:
                WritePsd(width, height, parts[1] == "16" ? 2 : 1, runs);
                break;
        }
        return [.. _file];
    }

    void WriteBmp(int width, int height, int bits)
    {
        int colors = bits <= 8 ? 1 << bits : 0, at = 54 + 4 * colors, rowBytes = (width * bits + 31) / 32 * 4;
        bool topDown = random.Next(2) == 0;
        _file.AddRange("BM"u8);
        Put32(at + rowBytes * height, 0, at, 40, width, topDown ? -height : height);
        Put16(1, bits);
        Put32(0, 0, 0, 0, 0, 0);
        PutNoise(4 * colors + rowBytes * height);
    }

    void WriteGif(int width, int height, bool interlaced)
    {
        int size = random.Next(2, 9);
        _file.AddRange("GIF89a"u8);
        Put16(width, height);
        _file.AddRange([(byte)(0x80 | (size - 1)), 0, 0]);
        PutNoise(3 << size);
        _file.Add((byte)',');
        Put16(0, 0, width, height);
        _file.AddRange([(byte)(interlaced ? 0x40 : 0), (byte)size]);
        byte[] indices = Noise(width * height, 1, 1 << size);
        foreach (byte[] block in Lzw(indices, size).Chunk(255))
            _file.AddRange([(byte)block.Length, .. block]);
        _file.AddRange([0, (byte)';']);
    }

    static List<byte> Lzw(byte[] indices, int size)
    {
        int clear = 1 << size, end = clear + 1, next = end + 1, width = size + 1, bits = 0, count = 0, text = -1;
        List<byte> codes = [];
        Dictionary<(int Text, byte Index), int> table = [];
        Put(clear);
        foreach (byte index in indices)
        {
            if (text < 0)
            {
                text = index;
                continue;
            }
            if (table.TryGetValue((text, index), out int longer))
            {
                text = longer;
                continue;
            }
            Put(text);
            // The reader is a code behind.
            if (next == 1 << width)
                width++;
            table[(text, index)] = next++;
            text = index;
            if (next < 4095)
                continue;
            Put(text);
            Put(clear);
            (next, width, text) = (end + 1, size + 1, -1);
            table.Clear();
        }
        if (text >= 0)
        {
            Put(text);
            if (next == 1 << width)
                width++;
        }
        Put(end);
        if (count > 0)
            codes.Add((byte)bits);
        return codes;

        void Put(int code)
        {
            bits |= code << count;
            for (count += width; count >= 8; count -= 8)
            {
                codes.Add((byte)bits);
                bits >>= 8;
            }
        }
    }

    void WriteTga(int width, int height, string kind, bool runs)
    {
        bool mapped = kind == "mapped";
        int bits = mapped ? 8 : int.Parse(kind, System.Globalization.CultureInfo.InvariantCulture), bytes = bits / 8;
        int mapBits = random.Next(2) == 0 ? 24 : 32, type = (mapped ? 1 : bits == 8 ? 3 : 2) + (runs ? 8 : 0);
        _file.AddRange([0, (byte)(mapped ? 1 : 0), (byte)type]);
        Put16(0, mapped ? 256 : 0);
        _file.Add((byte)(mapped ? mapBits : 0));
        Put16(0, 0, width, height);
        _file.AddRange([(byte)bits, (byte)(random.Next(2) == 0 ? 0x20 : 0)]);
        PutNoise(mapped ? 256 * mapBits / 8 : 0);
        byte[] pixels = Noise(width * height, bytes, 256);
        if (!runs)
        {
            _file.AddRange(pixels);
            return;
        }
        for (int at = 0; at < width * height;)
        {
            int count = Math.Min(random.Next(1, 129), width * height - at);
            bool repeats = random.Next(2) == 0;
            _file.Add((byte)(count - 1 | (repeats ? 128 : 0)));
            _file.AddRange(pixels.AsSpan(at * bytes, repeats ? bytes : count * bytes));
            at += count;
        }
    }

    void WritePsd(int width, int height, int bytes, bool runs)
    {
        _file.AddRange("8BPS\0\u0001\0\0\0\0\0\0\0\u0003"u8);
        Span<byte> fields = stackalloc byte[12];
        BinaryPrimitives.WriteInt32BigEndian(fields, height);
        BinaryPrimitives.WriteInt32BigEndian(fields[4..], width);
        fields[9] = (byte)(8 * bytes);
        fields[11] = 3;
        _file.AddRange(fields);
        PutNothing(12);
        _file.AddRange([0, (byte)(runs ? 1 : 0)]);
        if (!runs)
        {
            PutNoise(3 * width * height * bytes);
            return;
        }
        List<byte> packed = [];
        for (int row = 0; row < 3 * height; row++)
        {
            int start = packed.Count;
            for (int at = 0; at < width;)
            {
                int count = Math.Min(random.Next(1, 129), width - at);
                bool repeats = count > 1 && random.Next(2) == 0;
                packed.Add((byte)(repeats ? 257 - count : count - 1));
                packed.AddRange(Noise(repeats ? 1 : count, 1, 256));
                at += count;
            }
            _file.AddRange([(byte)(packed.Count - start >> 8), (byte)(packed.Count - start)]);
        }
        _file.AddRange(packed);
    }

    /// <summary>Random units, some of which are like the one before.</summary>
    byte[] Noise(int units, int bytes, int values)
    {
        byte[] noise = new byte[units * bytes];
        for (int i = 0; i < noise.Length; i++)
            noise[i] = i >= bytes && random.Next(3) == 0 ? noise[i - bytes] : (byte)random.Next(values);
        return noise;
    }

    void PutNoise(int count) => _file.AddRange(Noise(count, 1, 256));

    void PutNothing(int count) => _file.AddRange(new byte[count]);

    void Put16(params ReadOnlySpan<int> values)
    {
        foreach (int value in values)
            _file.AddRange([(byte)value, (byte)(value >> 8)]);
    }

    void Put32(params ReadOnlySpan<int> values)
    {
        foreach (int value in values)
            Put16(value, value >> 16);
    }
}
