using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Jpeg2000;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Jpeg2000;

[Trait(InstructionSetTests.Trait, "yes")]
public class Jpeg2000DecoderTests
{
    const string Plain = "bits-12.j2k";

    public static TheoryData<string> Names => [.. Jpeg2000Samples.Names];

    /// <summary>JPEG 2000 among the DICOM files that must be read.</summary>
    public static TheoryData<string> DicomFiles =>
    [
        "canon-chest-j2kr", "j2k-precision-below-stored", "q-j2k-53", "q-j2k-53-8", "q-j2k-97", "q-j2k-code-block-styles",
        "q-j2k-layers-precincts-rpcl", "wg04-rg1-chest-j2ki", "wg04-xa1-j2kr",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Samples_are_read_as_OpenJPEG_reads_them(string name)
    {
        using CodecFrame frame = Jpeg2000Samples.Decode(Jpeg2000Samples.Read(name));
        Jpeg2000Samples.AssertExpected(name, frame);
        Assert.Empty(frame.Warnings);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_header_is_read_alone(string name)
    {
        byte[] file = Jpeg2000Samples.Read(name);
        int codestream = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]);
        byte[] start = file[..(codestream + 4 + 38 + 3 * Jpeg2000Samples.HeaderOf(name).Components)];
        Assert.Equal(Jpeg2000Samples.HeaderOf(name), Jpeg2000Decoder.ReadHeader(start, name));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(300)]
    [InlineData(uint.MaxValue)]
    public void Wrong_lengths_of_parts_of_tiles_do_no_harm(uint length)
    {
        foreach (string name in (string[])[Plain, "tiles.j2k", "tile-parts-l.j2k"])
        {
            byte[] file = Jpeg2000Samples.Read(name);
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(Jpeg2000Samples.Find(file, 0xFF90) + 6), length);
            using CodecFrame frame = Jpeg2000Samples.Decode(file);
            Jpeg2000Samples.AssertExpected(name, frame);
        }
    }

    [Fact]
    public void What_follows_the_end_is_not_looked_at()
    {
        byte[] file = [.. Jpeg2000Samples.Read(Plain), 0, 0, 0xFF, 0x90, 1, 2, 3];
        using CodecFrame frame = Jpeg2000Samples.Decode(file);
        Jpeg2000Samples.AssertExpected(Plain, frame);
        Assert.Empty(frame.Warnings);
    }

    [Fact]
    public void Zeros_that_fill_up_a_tile_are_told()
    {
        byte[] file = Jpeg2000Samples.Read(Plain);
        byte[] filled = [.. file[..^2], 0, 0, 0, .. file[^2..]];
        using CodecFrame frame = Jpeg2000Samples.Decode(filled);
        Jpeg2000Samples.AssertExpected(Plain, frame);
        Assert.Contains("3 zeros", Assert.Single(frame.Warnings));
    }

    [Fact]
    public void A_frame_that_is_disposed_gives_no_samples()
    {
        CodecFrame frame = Jpeg2000Samples.Decode(Jpeg2000Samples.Read(Plain));
        frame.Dispose();
        frame.Dispose();
        Assert.Throws<ObjectDisposedException>(() => frame.Plane(0).Length);
    }

    [Fact]
    public void The_memory_budget_is_asked_once_for_samples_and_working_memory()
    {
        (string Name, long Samples, long PerSample)[] cases = [("larger.j2k", 301 * 257, 6), ("color-reversible.j2k", 40 * 31, 18)];
        foreach ((string name, long samples, long perSample) in cases)
        {
            CountingGate gate = new();
            using CodecFrame frame = Jpeg2000Decoder.Decode(Jpeg2000Samples.Read(name), name, new ImageLimits { Gate = gate });
            Assert.Equal(samples * (2 * frame.Header.Components + perSample), Assert.Single(gate.Pictures));
            // One that is refused asks for nothing.
            gate = new();
            Assert.Throws<SeverityException>(
                () => Jpeg2000Decoder.Decode(Jpeg2000Samples.Read(name).AsSpan(..^10), name, new ImageLimits { Gate = gate }).Dispose());
            Assert.Empty(gate.Pictures);
        }
    }

    /// <summary>Decodes what DICOM files hold, and applies what the manifest says of pixels: MONOCHROME1 inverted, no more.</summary>
    [Theory]
    [MemberData(nameof(DicomFiles))]
    public void Pixels_of_DICOM_files_are_those_of_OpenJPEG(string name)
    {
        JsonElement file = Manifest(name);
        using CodecFrame frame = Jpeg2000Samples.Decode(Fragments(TestData.Get("dicom-real", name + ".dcm")));
        Assert.Equal(file.GetProperty("rows").GetInt32(), frame.Header.Height);
        Assert.Equal(file.GetProperty("columns").GetInt32(), frame.Header.Width);
        ushort[] samples = frame.Plane(0).ToArray();
        int most = file.GetProperty("max_value").GetInt32();
        if (file.GetProperty("photometric").GetString() == "MONOCHROME1")
            samples = [.. samples.Select(v => (ushort)(most - v))];
        string hash = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<ushort>(samples)));
        if (!file.TryGetProperty("tolerance", out _))
            Assert.Equal(file.GetProperty("pixels_sha256").GetString(), hash);
        else if (file.TryGetProperty("pixels_npy", out _))
            Assert.All(Pixels(name).Zip(samples), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
        else
            AssertMeans(Npy<float>.Load(TestData.Get("dicom-real", name + ".grid.npy")), samples, frame.Header);
    }

    [Fact]
    public void A_DICOM_file_whose_pixels_are_cut_is_refused() =>
        Assert.Equal(SeverityError.ImageTruncated, Jpeg2000Samples.ErrorOf(Fragments(TestData.Get("dicom-real", "q-j2k-cut.dcm"))));

    static JsonElement Manifest(string name)
    {
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(TestData.Get("dicom-real", "manifest.json")));
        return manifest.RootElement.GetProperty("files").EnumerateArray()
            .Single(f => f.GetProperty("name").GetString() == name + ".dcm").Clone();
    }

    static ushort[] Pixels(string name) => Npy<ushort>.Load(TestData.Get("dicom-real", name + ".pixels.npy")).Values;

    /// <summary>Means of 32 x 32 blocks.</summary>
    static void AssertMeans(Npy<float> means, ushort[] samples, CodecHeader header)
    {
        const int Count = 32;
        for (int i = 0; i < Count * Count; i++)
        {
            (int x0, int x1) = (i % Count * header.Width / Count, (i % Count + 1) * header.Width / Count);
            (int y0, int y1) = (i / Count * header.Height / Count, (i / Count + 1) * header.Height / Count);
            double sum = 0;
            for (int y = y0; y < y1; y++)
            {
                for (int x = x0; x < x1; x++)
                    sum += samples[y * header.Width + x];
            }
            Assert.Equal(means.Values[i], sum / ((x1 - x0) * (y1 - y0)), 0.1);
        }
    }

    /// <summary>The joined fragments of the pixel data: what DICOM's items at the end of a file hold, the offset table aside.</summary>
    static byte[] Fragments(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int at = file.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xE0, 0x7F, 0x10, 0x00, (byte)'O']) + 12;
        List<byte[]> items = [];
        while (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)) == 0xE000_FFFE)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 4));
            items.Add(file[(at + 8)..(at + 8 + length)]);
            at += 8 + length;
        }
        return [.. items.Skip(1).SelectMany(i => i)];
    }

    sealed class CountingGate : IMemoryGate
    {
        public List<long> Pictures { get; } = [];

        public void TakeFile(long bytes) => throw new InvalidOperationException();

        public void TakePicture(long bytes) => Pictures.Add(bytes);
    }
}
