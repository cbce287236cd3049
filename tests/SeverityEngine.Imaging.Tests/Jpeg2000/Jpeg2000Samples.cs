using System.Globalization;
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

    static string[] FieldsOf(string name) => s_expected.Single(fields => fields[0] == name);
}
