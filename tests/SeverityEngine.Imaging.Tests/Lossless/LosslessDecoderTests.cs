using System.Buffers.Binary;
using System.Text.Json;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.JpegLossless;
using SeverityEngine.Imaging.JpegLs;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Lossless;

/// <summary>JPEG Lossless, JPEG-LS and DICOM's RLE against dcmtk: equal to the bit.</summary>
public class LosslessDecoderTests
{
    const string RleSyntax = "1.2.840.10008.1.2.5";

    public static TheoryData<string> Names => [.. LosslessSamples.Names];

    /// <summary>DICOM files in these forms that must be read; the manifest has their pixels' hashes.</summary>
    public static TheoryData<string> RealFiles =>
    [
        "cr-modality-lut", "jll-16-voi-lut", "jll-8-in-16", "jll-p14-57", "jls-7-in-8", "jls-near-8", "q-jll-16", "q-jll-7-fragments",
        "q-jll-defined-length", "q-jll-mono1-tail-elements", "q-jll-odd-fragment", "q-jll-point-transform-2", "q-jll-sv3", "q-jll-sv4",
        "q-jll-sv6", "q-jll-zeros-after-eoi", "q-jls-12", "q-jls-near-3", "q-rle-3-fragments", "rle-fragments", "sc-rgb-rle",
        "wg04-rg2-jlsn", "wg04-rg3-jlsl", "wg04-rg3-jpll", "wg04-xa1-rle",
    ];

    /// <summary>DICOM files with their pixels beside them.</summary>
    public static TheoryData<string> MadeFiles =>
        ["jpeg-lossless-sv1-12", "jpeg-lossless-sv1-16", "jpeg-lossless-sv6-12", "jpeg-ls-12", "rle-12", "rle-8"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Samples_are_read_as_dcmtk_reads_them(string name)
    {
        using CodecFrame frame = LosslessSamples.Decode(name, LosslessSamples.Read(name));
        LosslessSamples.AssertExpected(name, frame);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_header_is_read_alone(string name)
    {
        byte[] file = LosslessSamples.Read(name);
        if (name.EndsWith(".jpg", StringComparison.Ordinal))
            Assert.Equal(LosslessSamples.HeaderOf(name), JpegLosslessDecoder.ReadHeader(file.AsSpan(..End(0xC3)), name));
        else if (name.EndsWith(".jls", StringComparison.Ordinal))
            Assert.Equal(LosslessSamples.HeaderOf(name), JpegLsDecoder.ReadHeader(file.AsSpan(..End(0xF7)), name));

        int End(int marker) => LosslessSamples.Find(file, marker) is var at ? at + 2 + (file[at + 2] << 8 | file[at + 3]) : 0;
    }

    [Fact]
    public void There_are_samples_of_every_kind()
    {
        foreach (string kind in (ReadOnlySpan<string>)
            [
                "selection-7-16", "transform-15", "own-bits-2.jpg", "own-restarts-color", "own-long-codes", "own-color-apart",
                "own-bits-2.jls", "bits-16.jls", "near-255-16", "color-lines", "color-samples-near", "thresholds", "reset-3", "ends-in-ff",
                "gray-12.rle", "color.rle",
            ])
        {
            Assert.Contains(LosslessSamples.Names, n => n.Contains(kind, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("selection-1-16.jpg")]
    [InlineData("bits-12.jls")]
    [InlineData("gray-12.rle")]
    public void Zeros_after_the_end_are_ignored(string name)
    {
        using CodecFrame frame = LosslessSamples.Decode(name, [.. LosslessSamples.Read(name), 0, 0, 0, 0, 0]);
        LosslessSamples.AssertExpected(name, frame);
    }

    [Fact]
    public void Signed_bytes_of_RLE_are_two_complements()
    {
        byte[] file = LosslessSamples.Read("gray-8.rle");
        CodecHeader header = LosslessSamples.HeaderOf("gray-8.rle");
        using CodecFrame unsigned = RleDecoder.Decode(file, header, "sample", ImageLimits.Default);
        using CodecFrame signed = RleDecoder.Decode(file, header with { IsSigned = true }, "sample", ImageLimits.Default);
        Assert.Contains(unsigned.Plane(0).ToArray(), v => v > 127);
        Assert.Equal(unsigned.Plane(0).ToArray().Select(v => (short)(sbyte)v), signed.Plane(0).ToArray().Select(v => (short)v));
    }

    /// <summary>
    /// Decodes what DICOM files hold, and applies what the manifest says of pixels: channel 0, MONOCHROME1 inverted, signed ones moved up.
    /// </summary>
    [Theory]
    [MemberData(nameof(RealFiles))]
    public void Pixels_of_real_DICOM_files_are_those_of_other_decoders(string name)
    {
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(TestData.Get("dicom-real", "manifest.json")));
        JsonElement file = manifest.RootElement.GetProperty("files").EnumerateArray()
            .Single(f => f.GetProperty("name").GetString() == name + ".dcm");
        int Number(string field) => file.GetProperty(field).GetInt32();
        CodecHeader told = new(Number("columns"), Number("rows"), Number("samples"), Number("bits_allocated"), Number("signed") == 1);
        using CodecFrame frame = DecodeDicom(
            TestData.Get("dicom-real", name + ".dcm"), file.GetProperty("transfer_syntax").GetString()!, told);
        Assert.Equal((told.Width, told.Height, told.Components), (frame.Header.Width, frame.Header.Height, frame.Header.Components));
        int most = Number("max_value"), offset = told.IsSigned ? (most + 1) / 2 : 0;
        bool isInverse = file.GetProperty("photometric").GetString() == "MONOCHROME1";
        ushort[] samples =
            [.. frame.Plane(0).ToArray().Select(v => (ushort)(isInverse ? most - v : told.IsSigned ? (short)v + offset : v))];
        Assert.Equal(file.GetProperty("pixels_sha256").GetString(), LosslessSamples.Hash(samples));
    }

    [Theory]
    [MemberData(nameof(MadeFiles))]
    public void Pixels_of_made_DICOM_files_are_those_that_were_put_in(string name)
    {
        string path = TestData.Get("dicom", name + ".dcm");
        bool isWide = !name.EndsWith("-8", StringComparison.Ordinal);
        string syntax = name.StartsWith("rle", StringComparison.Ordinal) ? RleSyntax
            : name.StartsWith("jpeg-ls", StringComparison.Ordinal) ? "1.2.840.10008.1.2.4.80" : "1.2.840.10008.1.2.4.57";
        using CodecFrame frame = DecodeDicom(path, syntax, new CodecHeader(401, 512, 1, isWide ? 16 : 8, IsSigned: false));
        string pixels = TestData.Get("dicom", name + ".pixels.npy");
        Assert.Equal(
            isWide ? Npy<ushort>.Load(pixels).Values : [.. Npy<byte>.Load(pixels).Values.Select(v => (ushort)v)], frame.Plane(0).ToArray());
    }

    [Fact]
    public void A_DICOM_file_whose_RLE_data_are_cut_is_refused() =>
        Assert.Equal(
            SeverityError.ImageTruncated,
            Assert.Throws<SeverityException>(() => DecodeDicom(
                TestData.Get("dicom-real", "q-rle-cut.dcm"), RleSyntax, new CodecHeader(160, 192, 1, 16, IsSigned: false)).Dispose()).Code);

    static CodecFrame DecodeDicom(string path, string syntax, CodecHeader header)
    {
        byte[] data = Fragments(path);
        return syntax switch
        {
            RleSyntax => RleDecoder.Decode(data, header, path, ImageLimits.Default),
            "1.2.840.10008.1.2.4.80" or "1.2.840.10008.1.2.4.81" => JpegLsDecoder.Decode(data, path, ImageLimits.Default),
            _ => JpegLosslessDecoder.Decode(data, path, ImageLimits.Default),
        };
    }

    /// <summary>The joined fragments of the pixel data, the offset table aside.</summary>
    static byte[] Fragments(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int at = file.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xE0, 0x7F, 0x10, 0x00, (byte)'O']) + 12;
        List<byte[]> items = [];
        while (file.Length - at >= 8 && BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)) == 0xE000_FFFE)
        {
            int length = Math.Min(BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 4)), file.Length - at - 8);
            items.Add(file[(at + 8)..(at + 8 + length)]);
            at += 8 + length;
        }
        return [.. items.Skip(1).SelectMany(i => i)];
    }
}
