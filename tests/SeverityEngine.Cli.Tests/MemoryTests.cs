using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>
/// Small files that are large pictures: whatever they are and however many workers there are, the command stays within 512 MiB and five
/// bytes a pixel of the largest.
/// </summary>
public sealed class MemoryTests : IDisposable
{
    const int Side = 10_000;
    const long Most = (512L << 20) + 5L * Side * Side;

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Large_pictures_wait_for_each_other()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a process's largest memory is read from /proc");
        byte[] png = Png16(), jpeg = ProgressiveJpeg();
        for (int i = 0; i < 4; i++)
        {
            File.WriteAllBytes(_folder[$"{i}.png"], png);
            File.WriteAllBytes(_folder[$"{i}.jpg"], jpeg);
        }
        long peak = Command.PeakMemory(Command.Binary,
            ["predict", _folder.Path, "--threads", "8", "-o", _folder["rows.csv"]]);
        Assert.InRange(peak, 2L * Side * Side, Most);
        Assert.Equal(9, File.ReadAllLines(_folder["rows.csv"]).Length);
    }

    /// <summary>Gray of 16 bits and one value.</summary>
    static byte[] Png16()
    {
        using MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Fastest))
        {
            byte[] row = new byte[1 + 2 * Side];
            row.AsSpan(1).Fill(0x40);
            for (int y = 0; y < Side; y++)
                zlib.Write(row);
        }
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Side);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Side);
        header[8] = 16;
        return [0x89, .. "PNG\r\n\x1A\n"u8, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, packed.ToArray()), .. Chunk("IEND"u8, [])];

        static byte[] Chunk(ReadOnlySpan<byte> type, byte[] content)
        {
            byte[] length = new byte[4], sum = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
            BinaryPrimitives.WriteUInt32BigEndian(sum, Crc32.HashToUInt32([.. type, .. content]));
            return [.. length, .. type, .. content, .. sum];
        }
    }

    /// <summary>Three components of full size, in progressive scans that say nothing: 0 in all places.</summary>
    static byte[] ProgressiveJpeg()
    {
        const int Blocks = (Side + 7) / 8 * ((Side + 7) / 8), LongestRun = 32767;
        const byte RunOf14Bits = 0xE0;
        List<byte> file = [0xFF, 0xD8];
        Segment(0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]);
        byte[] components = [1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
        Segment(0xC2, [8, Side >> 8, Side & 0xFF, Side >> 8, Side & 0xFF, 3, .. components]);
        // A table of one symbol, whose code is a single 0.
        Segment(0xC4, [0x00, 1, .. new byte[15], 0]);
        Segment(0xC4, [0x10, 1, .. new byte[15], RunOf14Bits]);

        Segment(0xDA, [3, 1, 0, 2, 0, 3, 0, 0, 0, 0x00]);
        Bits bits = new(file);
        for (int i = 0; i < 3 * Blocks; i++)
            bits.Write(0, 1);
        bits.Complete();
        for (byte component = 1; component <= 3; component++)
        {
            Segment(0xDA, [1, component, 0, 1, 63, 0x00]);
            bits = new Bits(file);
            for (int left = Blocks; left > 0; left -= LongestRun)
            {
                // A run of 2^14 blocks and as many more as 14 bits say.
                bits.Write(0, 1);
                bits.Write(Math.Min(left, LongestRun) - (1 << 14), 14);
            }
            bits.Complete();
        }
        file.AddRange([0xFF, 0xD9]);
        Assert.True(Blocks % LongestRun >= 1 << 14);
        return [.. file];

        void Segment(byte marker, byte[] content) =>
            file.AddRange([0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content]);
    }

    /// <summary>Coded data of a JPEG: a byte of ones is followed by a zero, and ones fill the last byte.</summary>
    sealed class Bits(List<byte> output)
    {
        int _held, _count;

        public void Write(int value, int count)
        {
            _held = _held << count | value;
            _count += count;
            while (_count >= 8)
            {
                byte next = (byte)(_held >> (_count - 8));
                output.Add(next);
                if (next == 0xFF)
                    output.Add(0);
                _count -= 8;
                _held &= (1 << _count) - 1;
            }
        }

        public void Complete()
        {
            if (_count > 0)
                Write((1 << (8 - _count)) - 1, 8 - _count);
        }
    }
}
