using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Jpeg2000;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Jpeg2000;

/// <summary>What make_jpeg2000_samples.py wrote.</summary>
static class Jpeg2000Samples
{
    static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "jpeg2000");

    static readonly string[][] s_expected =
        [.. File.ReadAllLines(Path.Combine(Folder, "expected.txt")).Select(line => line.Split(' '))];

    public static IEnumerable<string> Names => s_expected.Select(fields => fields[0]);

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    public static CodecFrame Decode(byte[] file) => Jpeg2000Decoder.Decode(file, "sample", ImageLimits.Default);

    public static SeverityError ErrorOf(byte[] file) => Assert.Throws<SeverityException>(() => Decode(file).Dispose()).Code;

    public static CodecHeader HeaderOf(string name)
    {
        string[] fields = FieldsOf(name);
        int[] numbers = [.. fields[1..5].Select(f => int.Parse(f, CultureInfo.InvariantCulture))];
        return new CodecHeader(numbers[0], numbers[1], numbers[2], numbers[3], fields[5] == "s");
    }

    /// <summary>Compares a frame with what OpenJPEG decodes: to the bit, or within a level for the irreversible wavelet.</summary>
    public static void AssertExpected(string name, CodecFrame frame)
    {
        Assert.Equal(HeaderOf(name), frame.Header);
        ushort[] samples = [.. Enumerable.Range(0, frame.Header.Components).SelectMany(c => frame.Plane(c).ToArray())];
        string expected = FieldsOf(name)[6];
        if (expected == "near")
        {
            ushort[] values = Npy<ushort>.Load(Path.Combine(Folder, Path.ChangeExtension(name, ".npy"))).Values;
            Assert.Equal(values.Length, samples.Length);
            Assert.All(values.Zip(samples), pair => Assert.InRange((short)(pair.First - pair.Second), -1, 1));
        }
        else
        {
            Assert.Equal(expected, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<ushort>(samples))));
        }
    }

    /// <summary>Where a marker's first occurrence stands.</summary>
    public static int Find(byte[] file, int marker) => file.AsSpan().IndexOf((ReadOnlySpan<byte>)[(byte)(marker >> 8), (byte)marker]);

    /// <summary>A copy with other bytes at a place.</summary>
    public static byte[] Replace(byte[] file, int at, params byte[] bytes) => [.. file[..at], .. bytes, .. file[(at + bytes.Length)..]];

    /// <summary>A file of one tile and one component of 8 bits with code blocks of 4 x 4, put together here.</summary>
    public static byte[] Hostile(uint width, uint height, ushort layers, byte levels, byte[] precincts, byte[] packets,
        byte style = 0, int planes = 9)
    {
        List<byte> file = [0xFF, 0x4F, 0xFF, 0x51, 0, 41, 0, 0];
        foreach (uint value in (uint[])[width, height, 0, 0, width, height, 0, 0])
            file.AddRange([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);
        file.AddRange([0, 1, 7, 1, 1]);
        file.AddRange([0xFF, 0x52, 0, (byte)(12 + precincts.Length), (byte)(precincts.Length > 0 ? 1 : 0)]);
        file.AddRange([0, (byte)(layers >> 8), (byte)layers, 0]);
        file.AddRange([levels, 0, 0, style, 1, .. precincts]);
        // Two guard bits; with the exponent, less one, they are the planes.
        file.AddRange([0xFF, 0x5C, 0, (byte)(4 + 3 * levels), 0x40]);
        file.AddRange(Enumerable.Repeat((byte)((planes - 1) << 3), 1 + 3 * levels));
        file.AddRange([0xFF, 0x90, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0x93, .. packets, 0xFF, 0xD9]);
        return [.. file];
    }

    /// <summary>A packet's header by which each block of a precinct has many passes, all in segments of their own without a byte.</summary>
    /// <param name="wide">The blocks of a row.</param>
    /// <param name="high">The rows of blocks.</param>
    /// <param name="passes">How many passes each has, 37 to 164.</param>
    public static byte[] EmptyPasses(int wide, int high, int passes)
    {
        List<byte> bytes = [];
        int current = 0, left = 8, top = BitOperations.Log2((uint)Math.Max(wide, high) - 1) + 1;
        Put(1, 1);
        for (int i = 0; i < wide * high; i++)
        {
            // In both trees a one for the block and for each node above it that no block was under before: all values are 0.
            int nodes = 1 + Math.Min(top, BitOperations.TrailingZeroCount(i % wide | i / wide));
            Put(2 * nodes, uint.MaxValue);
            Put(9, 0x1FF);
            Put(7, (uint)(passes - 37));
            Put(1, 0);
            for (int pass = 0; pass < passes; pass++)
                Put(3, 0);
        }
        bytes.Add((byte)(current << left));
        return [.. bytes];

        void Put(int count, uint value)
        {
            while (count-- > 0)
            {
                current = current << 1 | (int)(value >> Math.Min(count, 31) & 1);
                if (--left > 0)
                    continue;
                bytes.Add((byte)current);
                (left, current) = (current == 0xFF ? 7 : 8, 0);
            }
        }
    }

    static string[] FieldsOf(string name) => s_expected.Single(fields => fields[0] == name);
}
