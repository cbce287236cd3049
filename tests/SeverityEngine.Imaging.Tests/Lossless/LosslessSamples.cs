using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.JpegLossless;
using SeverityEngine.Imaging.JpegLs;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Lossless;

/// <summary>What make_lossless_samples.py wrote.</summary>
static class LosslessSamples
{
    static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "lossless");

    static readonly string[][] s_expected =
        [.. File.ReadAllLines(Path.Combine(Folder, "expected.txt")).Select(line => line.Split(' '))];

    public static IEnumerable<string> Names => s_expected.Select(fields => fields[0]);

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    public static CodecHeader HeaderOf(string name)
    {
        int[] numbers = [.. s_expected.Single(fields => fields[0] == name)[1..5].Select(f => int.Parse(f, CultureInfo.InvariantCulture))];
        return new CodecHeader(numbers[0], numbers[1], numbers[2], numbers[3], IsSigned: false);
    }

    /// <summary>Decodes by the kind that a sample's name ends in.</summary>
    public static CodecFrame Decode(string name, byte[] file, ImageLimits? limits = null) => Path.GetExtension(name) switch
    {
        ".jpg" => JpegLosslessDecoder.Decode(file, name, limits ?? ImageLimits.Default),
        ".jls" => JpegLsDecoder.Decode(file, name, limits ?? ImageLimits.Default),
        _ => RleDecoder.Decode(file, HeaderOf(name), name, limits ?? ImageLimits.Default),
    };

    public static SeverityException ErrorOf(string name, byte[] file) =>
        Assert.Throws<SeverityException>(() => Decode(name, file).Dispose());

    /// <summary>Compares a frame with what dcmtk decodes, to the bit.</summary>
    public static void AssertExpected(string name, CodecFrame frame)
    {
        Assert.Equal(HeaderOf(name), frame.Header);
        ushort[] samples = [.. Enumerable.Range(0, frame.Header.Components).SelectMany(c => frame.Plane(c).ToArray())];
        Assert.Equal(s_expected.Single(fields => fields[0] == name)[5], Hash(samples));
        Assert.Empty(frame.Warnings);
    }

    public static string Hash(ushort[] samples) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<ushort>(samples)));

    /// <summary>Where a marker's first occurrence stands.</summary>
    public static int Find(byte[] file, int marker) => file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, (byte)marker]);

    /// <summary>A copy with other bytes at a place.</summary>
    public static byte[] Replace(byte[] file, int at, params byte[] bytes) => [.. file[..at], .. bytes, .. file[(at + bytes.Length)..]];

    /// <summary>A copy with more bytes at a place.</summary>
    public static byte[] Insert(byte[] file, int at, params byte[] bytes) => [.. file[..at], .. bytes, .. file[at..]];
}
