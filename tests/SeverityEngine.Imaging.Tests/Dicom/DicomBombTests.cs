using System.Buffers.Binary;
using System.IO.Compression;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Tests.Jpeg;
using SeverityEngine.Imaging.Tests.Jpeg2000;
using SeverityEngine.Imaging.Tests.Lossless;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Dicom;

/// <summary>Files that claim far more than they hold.</summary>
public class DicomBombTests
{
    const int Width = 30_000, Height = 3_000;

    /// <summary>What is refused at once takes: its elements, texts and exception.</summary>
    const int Little = 256 << 10;

    static readonly ushort[] s_pixels = new ushort[35];

    /// <summary>Compressed forms that have a size of their own.</summary>
    public static TheoryData<string> Codecs =>
        [.. DicomForm.All.Where(f => f.Options.Frame == 0 && SizeAt(f.DataSet, 0, 0) is not null).Select(f => f.Name)];

    [Fact]
    public void Sequences_that_nest_without_end_are_refused_at_once()
    {
        DicomWriter bomb = new DicomWriter().Text(0x0008_0060, "CS", "DX");
        for (int i = 0; i < 60_000; i++)
            bomb.Bytes(0x0040_0275, "SQ", [], uint.MaxValue).Item([], uint.MaxValue);
        Assert.Equal(SeverityError.ImageCorrupt, Refuse(bomb.File(DicomForm.Explicit)).Code);
    }

    [Fact]
    public void A_data_set_that_inflates_without_end_is_refused_without_memory_for_it()
    {
        byte[] head = new DicomWriter().Picture(Width, Height).Bytes(0x7FE0_0010, "OW", [], uint.MaxValue - 1).DataSet();
        using MemoryStream packed = new();
        using (DeflateStream deflater = new(packed, CompressionLevel.Optimal))
        {
            deflater.Write(head);
            for (int i = 0; i < 64; i++)
                deflater.Write(new byte[1 << 20]);
        }
        byte[] empty = DicomWriter.File(DicomForm.Explicit, []);
        byte[] file = [.. empty.AsSpan(0, empty.Length - 28), .. new DicomWriter().Text(0x0002_0010, "UI", DicomForm.Deflated).DataSet(),
            .. packed.ToArray()];
        Assert.Equal(
            SeverityError.FileTooLarge, Refuse(file, new ImageLimits { MaxFileBytes = 8 << 20 }).Code);
        // Within the limit it takes what it inflates to, and no more.
        Assert.Equal(
            SeverityError.ImageTruncated, Refuse(file, ImageLimits.Default, head.Length + (64 << 20), head.Length + (64 << 20)).Code);
    }

    [Fact]
    public void A_deflated_data_set_asks_for_just_its_length_and_its_pixels()
    {
        DicomForm form = DicomForm.All.Single(f => f.IsDeflated);
        BoundedMemory gate = new(long.MaxValue);
        using XRayImage image = XRayImage.Decode(form.File, "x.dcm", new ImageLimits { Gate = gate });
        Assert.Equal(form.DataSet.Length + image.Pixels.Data.Length, gate.Taken);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public void Frames_that_are_not_there_are_refused(int frames)
    {
        byte[] native = new DicomWriter().Picture(7, 5).Text(0x0028_0008, "IS", $"{frames}").Pixels(s_pixels).File(DicomForm.Explicit);
        byte[] compressed = new DicomWriter().Picture(17, 19, 8, allocated: 8).Text(0x0028_0008, "IS", $"{frames}")
            .Compressed(JpegSamples.Read("gray-17x19")).File(DicomForm.Jpeg);
        foreach (int frame in (int[])[0, 2, frames])
        {
            ImageLimits limits = ImageLimits.With(null, new DicomOptions { Frame = frame });
            Assert.Equal(frame == 0 ? SeverityError.ImageFormatUnsupported : SeverityError.ImageTruncated, Refuse(native, limits).Code);
            Assert.Equal(frame == 0 ? SeverityError.ImageFormatUnsupported : SeverityError.ImageCorrupt, Refuse(compressed, limits).Code);
        }
    }

    [Theory]
    [InlineData(DicomForm.Implicit)]
    [InlineData(DicomForm.Explicit)]
    [InlineData(DicomForm.Deflated)]
    [InlineData(DicomForm.BigEndian)]
    public void Pixels_that_are_not_there_are_refused_without_their_memory(string syntax)
    {
        long most = syntax == DicomForm.Deflated ? 1 << 10 : 0;
        foreach ((int width, int height, SeverityError code) in
            ((int, int, SeverityError)[])[(Width, Height, SeverityError.ImageTruncated), (65_535, 65_535, SeverityError.ImageTooLarge)])
        {
            byte[] file = new DicomWriter(syntax == DicomForm.Implicit, syntax == DicomForm.BigEndian)
                .Picture(width, height).Pixels(s_pixels).File(syntax);
            Assert.Equal(code, Refuse(file, asked: most).Code);
            // Limits that allow all have one of the engine's own.
            Assert.Equal(code, Refuse(file, new ImageLimits { MaxPixels = long.MaxValue, MaxSide = int.MaxValue }, most).Code);
        }
    }

    /// <summary>A compressed picture's own header may claim any size; the file's says which it is to have.</summary>
    [Theory]
    [MemberData(nameof(Codecs))]
    public void A_stream_of_another_size_than_the_file_says_is_refused_before_it_is_decoded(string name)
    {
        DicomForm form = DicomForm.All.Single(f => f.Name == name);
        foreach ((int width, int height) in ((int, int)[])[(30_000, 3_300), (1, 1), (16_384, 1), (Width, Height)])
        {
            SeverityException e = Refuse(
                DicomWriter.File(form.Syntax, SizeAt(form.DataSet, width, height)!), asked: Fragments(form), allocated: Little);
            Assert.True(e.Code is SeverityError.ImageCorrupt or SeverityError.ImageTruncated, e.Message);
            // JPEG's frame header is held to the length of its data first.
            Assert.Contains(
                e.Code == SeverityError.ImageTruncated ? "bytes of data" : $"{width} x {height} pixels, and its header", e.Message);
        }
    }

    [Theory]
    [InlineData("gray-17x19")]
    [InlineData("color-422-17x19")]
    [InlineData("selection-1-8.jpg")]
    [InlineData("color-8.jpg")]
    [InlineData("color-samples.jls")]
    [InlineData("color-reversible.j2k")]
    public void A_stream_of_another_number_of_samples_than_the_file_says_is_refused_before_it_is_decoded(string name)
    {
        (byte[] stream, CodecHeader header) = Path.GetExtension(name) switch
        {
            "" => (JpegSamples.Read(name), new CodecHeader(17, 19, name.StartsWith("gray", StringComparison.Ordinal) ? 1 : 3, 8, false)),
            ".j2k" => (Jpeg2000Samples.Read(name), Jpeg2000Samples.HeaderOf(name)),
            _ => (LosslessSamples.Read(name), LosslessSamples.HeaderOf(name)),
        };
        int other = header.Components == 1 ? 3 : 1;
        CodecHeader told = header with { Components = other, Precision = 8 };
        SeverityException e = Refuse(DicomForm.Of(name, DicomForm.Jpeg, stream, told).File);
        Assert.Equal(SeverityError.ImageCorrupt, e.Code);
        Assert.Contains($"{header.Components} samples a pixel, and its header says {other}", e.Message);
    }

    /// <summary>Both headers claim the size: what is taken is asked for, and never more than the picture and its decoding take.</summary>
    [Theory]
    [MemberData(nameof(Codecs))]
    public void A_large_picture_in_few_bytes_asks_before_it_takes(string name)
    {
        DicomForm form = DicomForm.All.Single(f => f.Name == name);
        byte[] data = SizeAt(form.DataSet, Width, Height, both: true)!;
        long pixels = (long)Width * Height;
        // JPEG's coefficients lie in whole blocks; all others have 16 bits a sample, and JPEG 2000 six bytes more, or 18 for colors.
        BoundedMemory gate = new(Fragments(form) + 3 * 10 * pixels);
        Assert.Throws<SeverityException>(
            () => XRayImage.Decode(DicomWriter.File(form.Syntax, data), name, new ImageLimits { Gate = gate }).Dispose());
        // Pixels take a bit or more in these forms, so that nothing is taken.
        if (form.Syntax is DicomForm.Jpeg or DicomForm.JpegExtended or DicomForm.JpegLossless)
            Assert.InRange(gate.Taken, 0, Fragments(form));
    }

    [Fact]
    public void Run_length_coded_pixels_that_are_not_there_are_refused_without_their_memory()
    {
        DicomForm form = DicomForm.All.First(f => f.Syntax == DicomForm.Rle);
        CodecHeader large = LosslessSamples.HeaderOf(form.Name) with { Width = Width, Height = Height };
        byte[] file = DicomForm.Of(form.Name, DicomForm.Rle, LosslessSamples.Read(form.Name), large).File;
        Assert.Equal(SeverityError.ImageTruncated, Refuse(file).Code);
    }

    [Theory]
    [InlineData(1, 1, 0)] // tiles of a pixel, with too few bytes for them
    [InlineData(0, 0, 0)]
    [InlineData(64, 64, 16_384)] // components
    public void A_JPEG_2000_header_without_data_for_it_is_refused(int tileWidth, int tileHeight, int components)
    {
        byte[] stream = Jpeg2000Samples.Read("bits-12.j2k");
        int size = Jpeg2000Samples.Find(stream, 0xFF51);
        BinaryPrimitives.WriteInt32BigEndian(stream.AsSpan(size + 22), tileWidth);
        BinaryPrimitives.WriteInt32BigEndian(stream.AsSpan(size + 26), tileHeight);
        if (components > 0)
        {
            int length = 38 + 3 * components;
            stream =
            [
                .. stream[..(size + 2)], (byte)(length >> 8), (byte)length, .. stream[(size + 4)..(size + 38)],
                (byte)(components >> 8), (byte)components, .. Enumerable.Repeat((byte[])[7, 1, 1], components).SelectMany(c => c),
                .. stream[(size + 43)..],
            ];
        }
        Refuse(DicomForm.Of("tiles", DicomForm.Jpeg2000, stream, Jpeg2000Samples.HeaderOf("bits-12.j2k")).File, allocated: Little);
    }

    [Theory]
    [InlineData(0x00)] // 1 x 1
    [InlineData(0x11)] // 2 x 2 and, in the lowest resolution, as many
    public void Precincts_by_the_million_are_refused_without_memory_for_them(byte precinct)
    {
        byte[] precincts = [precinct, .. Enumerable.Repeat((byte)0x11, 5)];
        byte[] stream = Jpeg2000Samples.Hostile(4_096, 4_096, 1, 5, precincts, new byte[8 << 20]);
        SeverityException e = Refuse(OfStream(stream, 4_096, 4_096), allocated: Little);
        Assert.Equal(SeverityError.ImageFormatUnsupported, e.Code);
        Assert.Contains("precincts", e.Message);
    }

    /// <summary>Each block says in 36 bytes that it has 88 passes, all apart and all empty.</summary>
    [Fact]
    public void Coding_passes_without_data_take_memory_for_few()
    {
        const int Wide = 1_024, High = 128, Terminate = 4;
        byte[] stream = Jpeg2000Samples.Hostile(
            4 * Wide, 4 * High, 1, 0, [], Jpeg2000Samples.EmptyPasses(Wide, High, 88), Terminate, planes: 30);
        SeverityException e = Refuse(OfStream(stream, 4 * Wide, 4 * High), asked: 8L * 16 * Wide * High, allocated: 45L * (8 << 20));
        Assert.Equal(SeverityError.ImageFormatUnsupported, e.Code);
        Assert.Contains("pieces", e.Message);
    }

    [Fact]
    public void A_million_empty_fragments_take_no_more_than_the_file()
    {
        byte[] stream = JpegSamples.Read("gray-17x19");
        byte[] sound = new DicomWriter().Picture(17, 19, 8, allocated: 8).Compressed(stream).File(DicomForm.Jpeg);
        byte[] items = [.. Enumerable.Repeat((byte[])[0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0], 1_000_000).SelectMany(i => i)];
        // Behind the offset table; then before the end.
        int first = sound.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFE, 0xFF, 0x00, 0xE0]);
        using XRayImage expected = XRayImage.Decode(sound, "x.dcm");
        foreach (int at in (int[])[first, sound.Length - 8])
        {
            byte[] file = [.. sound[..at], .. items, .. sound[at..]];
            BoundedMemory gate = new(file.Length + 1_000);
            long before = GC.GetAllocatedBytesForCurrentThread();
            using XRayImage image = XRayImage.Decode(file, "x.dcm", new ImageLimits { Gate = gate });
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, file.Length + Little);
            Assert.Equal(expected.Pixels.Data, image.Pixels.Data);
        }
        byte[] empty = [.. sound[..first], .. items];
        Assert.Equal(SeverityError.ImageTruncated, Refuse(empty, asked: empty.Length, allocated: empty.Length + Little).Code);
    }

    [Theory]
    [InlineData(uint.MaxValue - 1)]
    [InlineData(0x8000_0000)]
    [InlineData(0x7FFF_FFFF)]
    [InlineData(5_000u)]
    public void Lengths_beyond_the_file_are_refused_without_their_memory(uint length)
    {
        foreach (bool isImplicit in (bool[])[false, true])
        {
            string syntax = isImplicit ? DicomForm.Implicit : DicomForm.Explicit;
            DicomWriter Writer() => new DicomWriter(isImplicit).Text(0x0008_0060, "CS", "DX");
            DicomWriter[] writers =
            [
                Writer().Bytes(0x0009_0010, "OB", [1, 2], length).Picture(7, 5).Pixels(s_pixels),
                Writer().Bytes(0x0009_0010, "UN", [1, 2], length).Picture(7, 5).Pixels(s_pixels),
                Writer().Bytes(0x0008_1140, "SQ", [], length).Picture(7, 5).Pixels(s_pixels),
                Writer().Bytes(0x0008_1140, "SQ", [], uint.MaxValue).Item([], length).Picture(7, 5).Pixels(s_pixels),
                Writer().Bytes(0x0054_0220, "SQ", [], uint.MaxValue).Item([], uint.MaxValue).Bytes(0x0008_0100, "UT", [], length),
            ];
            foreach (DicomWriter writer in writers)
                Assert.Equal(SeverityError.ImageTruncated, Refuse(writer.File(syntax)).Code);
        }
        DicomWriter picture = new DicomWriter().Picture(17, 19, 8, allocated: 8).Bytes(0x7FE0_0010, "OB", [], uint.MaxValue);
        Assert.Equal(
            SeverityError.ImageTruncated, Refuse(picture.Item([]).Item([0xFF, 0xD8], length).File(DicomForm.Jpeg)).Code);
        byte[] meta = new DicomWriter().Bytes(0x0002_0001, "OB", [0, 1], length).Picture(7, 5).Pixels(s_pixels).DataSet();
        Assert.Equal(SeverityError.ImageTruncated, Refuse([.. new byte[128], .. "DICM"u8, .. meta]).Code);
    }

    static byte[] OfStream(byte[] stream, int width, int height) =>
        DicomForm.Of("stream", DicomForm.Jpeg2000, stream, new CodecHeader(width, height, 1, 8, IsSigned: false)).File;

    /// <summary>What joining a form's fragments asks for at the most.</summary>
    static long Fragments(DicomForm form) => form.Name == "7 fragments" ? form.DataSet.Length : 0;

    /// <summary>Decodes a file that is to be refused.</summary>
    /// <param name="file">The file.</param>
    /// <param name="limits">Its limits.</param>
    /// <param name="asked">The most that the memory gate may be asked for, in all.</param>
    /// <param name="allocated">The most managed memory that may be taken.</param>
    static SeverityException Refuse(byte[] file, ImageLimits? limits = null, long asked = 0, long allocated = Little)
    {
        limits = (limits ?? ImageLimits.Default) with { Gate = new BoundedMemory(asked) };
        long before = GC.GetAllocatedBytesForCurrentThread();
        SeverityException e = Assert.Throws<SeverityException>(() => XRayImage.Decode(file, "x.dcm", limits).Dispose());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, allocated + Little);
        return e;
    }

    /// <summary>
    /// A data set whose compressed picture has another size in its own header, and in the file's too if asked; null where it has none.
    /// </summary>
    static byte[]? SizeAt(byte[] dataSet, int width, int height, bool both = false)
    {
        byte[] data = [.. dataSet];
        int pixels = data.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'B', 0, 0, 0xFF, 0xFF]);
        if (pixels < 0)
            return null;
        Span<byte> stream = data.AsSpan(pixels);
        int at = stream.IndexOf((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]);
        if (at >= 0)
        {
            foreach (int tile in (int[])[0, 16])
            {
                BinaryPrimitives.WriteInt32BigEndian(stream[(at + 8 + tile)..], width);
                BinaryPrimitives.WriteInt32BigEndian(stream[(at + 12 + tile)..], height);
            }
        }
        else
        {
            at = stream.IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD8]);
            if (at < 0)
                return null;
            while (stream[at] != 0xFF || stream[at + 1] is not (0xC0 or 0xC1 or 0xC2 or 0xC3 or 0xF7))
                at++;
            BinaryPrimitives.WriteUInt16BigEndian(stream[(at + 5)..], (ushort)height);
            BinaryPrimitives.WriteUInt16BigEndian(stream[(at + 7)..], (ushort)width);
        }
        if (both)
        {
            foreach ((byte element, int side) in ((byte, int)[])[(0x10, height), (0x11, width)])
            {
                int header = data.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x28, 0, element, 0, (byte)'U', (byte)'S', 2, 0]);
                BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(header + 8), (ushort)side);
            }
        }
        return data;
    }
}
