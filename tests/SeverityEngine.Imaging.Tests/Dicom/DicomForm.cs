using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Tests.Jpeg;
using SeverityEngine.Imaging.Tests.Jpeg2000;
using SeverityEngine.Imaging.Tests.Lossless;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Dicom;

/// <summary>A small file of one form of data set and pixels, as tests cut and damage it.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Syntax">Its transfer syntax.</param>
/// <param name="DataSet">Its data set, not deflated.</param>
/// <param name="Starts">Where the data set's elements and items begin.</param>
/// <param name="PixelsEnd">Behind the last byte of the data set that pixels need.</param>
/// <param name="Options">How it is read.</param>
sealed record DicomForm(string Name, string Syntax, byte[] DataSet, int[] Starts, int PixelsEnd, DicomOptions Options)
{
    public const string Implicit = "1.2.840.10008.1.2", Explicit = Implicit + ".1", Deflated = Explicit + ".99",
        BigEndian = Implicit + ".2", Jpeg = Implicit + ".4.50", JpegExtended = Implicit + ".4.51", JpegLossless = Implicit + ".4.57",
        JpegLs = Implicit + ".4.81", Jpeg2000 = Implicit + ".4.91", Rle = Implicit + ".5";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DicomForm> All { get; } = [.. Native(), .. Compressed(), .. Shown()];

    public bool IsDeflated => Syntax == Deflated;

    public byte[] File => DicomWriter.File(Syntax, DataSet);

    public XRayImage Decode(ReadOnlySpan<byte> file) => XRayImage.Decode(file, Name, dicom: Options);

    /// <summary>
    /// A JPEG of 8 bits, gray and sequential, becomes one of 12 by its frame header alone: the same coefficients around another middle.
    /// </summary>
    public static byte[] WithTwelveBits(byte[] jpeg)
    {
        int frame = JpegSamples.Find(jpeg, 0xC0);
        return [.. jpeg[..frame], 0xFF, 0xC1, .. jpeg[(frame + 2)..(frame + 4)], 12, .. jpeg[(frame + 5)..]];
    }

    /// <summary>A compressed picture in a file whose header says what its own does.</summary>
    public static DicomForm Of(
        string name, string syntax, byte[] stream, CodecHeader header, string? photometric = null, int fragments = 1) =>
        Of(name, syntax, new DicomWriter()
            .Picture(header.Width, header.Height, header.Precision, photometric ?? (header.Components == 3 ? "RGB" : "MONOCHROME2"),
                header.Precision > 8 ? 16 : 8, header.Components)
            .Compressed(stream, fragments), endBytes: 8);

    static IEnumerable<DicomForm> Native()
    {
        const int Width = 7, Height = 5;
        ushort[] words = [.. Enumerable.Range(0, Width * Height).Select(i => (ushort)(i * 117))];
        byte[] bytes = [.. Enumerable.Range(0, Width * Height + 1).Select(i => (byte)(i * 7))];
        byte[] colors = [.. Enumerable.Range(0, 3 * Width * Height + 1).Select(i => (byte)(i * 5))];
        foreach (string syntax in (string[])[Implicit, Explicit, Deflated, BigEndian])
        {
            // A sequence with an icon's rows stands before the pixels, and what fills up a file behind them.
            DicomWriter writer = new DicomWriter(syntax == Implicit, syntax == BigEndian).Picture(Width, Height)
                .Bytes(0x0088_0200, "SQ", [], uint.MaxValue).Item([], uint.MaxValue).Short(0x0028_0010, 9)
                .Bytes(0xFFFE_E00D, "", []).Bytes(0xFFFE_E0DD, "", []).Pixels(words);
            writer.Bytes(0xFFFC_FFFC, "OB", [0, 0, 0, 0]);
            yield return Of("native " + syntax, syntax, writer, endBytes: syntax == Implicit ? 12 : 16);
        }
        yield return Of("native 8", Explicit, new DicomWriter().Picture(Width, Height, 8, "MONOCHROME1", 8)
            .Bytes(0x7FE0_0010, "OB", bytes), endBytes: 1);
        yield return Of("native 8 in words", BigEndian, new DicomWriter(isBigEndian: true).Picture(Width, Height, 8, allocated: 8)
            .Bytes(0x7FE0_0010, "OW", bytes), endBytes: 0);
        yield return Of("native color", Explicit, new DicomWriter().Picture(Width, Height, 8, "RGB", 8, 3)
            .Bytes(0x7FE0_0010, "OB", colors), endBytes: 1);
        yield return Of("native planes", Explicit, new DicomWriter().Picture(Width, Height, 8, "YBR_FULL", 8, 3).Short(0x0028_0006, 1)
            .Bytes(0x7FE0_0010, "OB", colors), endBytes: 1);
        yield return Of("native pairs", Explicit, new DicomWriter().Picture(Width, Height, 8, "YBR_FULL_422", 8, 3)
            .Bytes(0x7FE0_0010, "OB", colors[..(Height * (Width + 1) / 2 * 4)]), endBytes: 0);
    }

    static IEnumerable<DicomForm> Shown()
    {
        ushort[] words = [.. Enumerable.Range(0, 3 * 35).Select(i => (ushort)(i * 39))];
        DicomOptions second = new() { Frame = 2 }, window = new() { Voi = DicomVoi.Window };
        yield return Of("frames", Explicit, new DicomWriter().Picture(7, 5).Text(0x0028_0008, "IS", "3").Pixels(words), 70, second);
        byte[] stream = LosslessSamples.Read("selection-1-16.jpg");
        DicomWriter writer = new DicomWriter().Picture(33, 28, 16).Text(0x0028_0008, "IS", "3")
            .Bytes(0x7FE0_0010, "OB", [], uint.MaxValue).Item([]);
        foreach (int _ in Enumerable.Range(0, 3))
            writer.Item(stream);
        yield return Of("compressed frames", JpegLossless, writer.Bytes(0xFFFE_E0DD, "", []), 8, second);
        yield return Of("window", Explicit, new DicomWriter().Picture(7, 5, photometric: "MONOCHROME1").Text(0x0028_1050, "DS", "2048")
            .Text(0x0028_1051, "DS", "1000").Text(0x0028_1052, "DS", "-10").Text(0x0028_1053, "DS", "1.5").Pixels(words[..35]), 0, window);
        yield return Of("table", Explicit, new DicomWriter().Picture(7, 5)
            .Bytes(0x0028_3010, "SQ", [], uint.MaxValue).Item([], uint.MaxValue).Bytes(0x0028_3002, "US", [16, 0, 0, 1, 16, 0])
            .Bytes(0x0028_3006, "OW", [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 3))])
            .Bytes(0xFFFE_E00D, "", []).Bytes(0xFFFE_E0DD, "", []).Pixels(words[..35]), 0, window);
    }

    static IEnumerable<DicomForm> Compressed()
    {
        byte[] gray = JpegSamples.Read("gray-17x19");
        CodecHeader small = new(17, 19, 1, 8, IsSigned: false);
        yield return Of("JPEG", Jpeg, gray, small);
        yield return Of("JPEG of 12 bits", JpegExtended, WithTwelveBits(gray), small with { Precision = 12 });
        yield return Of("JPEG, progressive", Jpeg, JpegSamples.Read("gray-progressive"), new CodecHeader(61, 47, 1, 8, IsSigned: false));
        yield return Of("JPEG, color", Jpeg, JpegSamples.Read("color-422-17x19"), small with { Components = 3 }, "YBR_FULL_422");
        foreach (string name in (string[])
            ["selection-1-16.jpg", "selection-6-8.jpg", "own-bits-16.jpg", "own-restarts-1.jpg", "color-8.jpg", "bits-12.jls",
            "near-3-8.jls", "color-samples.jls", "gray-8.rle", "gray-12.rle", "color.rle"])
        {
            string syntax = Path.GetExtension(name) switch { ".jpg" => JpegLossless, ".jls" => JpegLs, _ => Rle };
            yield return Of(name, syntax, LosslessSamples.Read(name), LosslessSamples.HeaderOf(name));
        }
        foreach (string name in (string[])
            ["bits-12.j2k", "near.j2k", "color-reversible.j2k", "tiles.j2k", "style-63.j2k", "order-pcrl.j2k", "packed-in-tiles.j2k"])
            yield return Of(name, Jpeg2000, Jpeg2000Samples.Read(name), Jpeg2000Samples.HeaderOf(name));
        yield return Of("7 fragments", JpegLossless, LosslessSamples.Read("own-bits-12.jpg"), LosslessSamples.HeaderOf("own-bits-12.jpg"),
            fragments: 7);
    }

    static DicomForm Of(string name, string syntax, DicomWriter writer, int endBytes, DicomOptions? options = null)
    {
        byte[] dataSet = writer.DataSet();
        return new DicomForm(name, syntax, dataSet, [.. writer.Starts], dataSet.Length - endBytes, options ?? DicomOptions.Default);
    }
}
