using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Encoders;
using SeverityEngine.Imaging.Png;
using SeverityEngine.Interop;
using SeverityEngine.Tests;
using StbImageSharp;

namespace SeverityEngine.Imaging.Tests;

/// <summary>Pictures written here are read back by StbImageSharp and by the engine, and held against Pillow's (make_written.py).</summary>
public sealed class ImageWriterTests : IDisposable
{
    const int Width = 61, Height = 45;

    readonly string _folder = Directory.CreateTempSubdirectory("severity-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string Out(string name) => Path.Combine(_folder, name);

    static string Pillow(string name) =>
        Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "images", "written", name);

    // The formulas of make_written.py.
    static byte[] Gray() => Draw((x, y) => (byte)(x * 3 + y * y / 16 + (x / 8 + y / 8) % 2 * 20));

    static ushort[] Gray16() => Draw((x, y) => (ushort)(x * 1021 + y * 517 + x * y));

    static byte[] Ramp() => Draw((x, y) => (byte)(x * 4));

    static byte[] Rgb() => [.. Draw((x, y) => (byte[])[(byte)(x * 4), (byte)(y * 5), (byte)(255 - (x + y) * 2)]).SelectMany(p => p)];

    static T[] Draw<T>(Func<int, int, T> pixel) => [.. Enumerable.Range(0, Width * Height).Select(i => pixel(i % Width, i / Width))];

    [Fact]
    public void Pngs_hold_the_pixels_that_pillows_hold()
    {
        ImageWriter.SaveGray(Out("gray.png"), Gray(), Width, Height);
        ImageWriter.SaveGray(Out("gray16.png"), Gray16(), Width, Height);
        ImageWriter.SaveRgb(Out("rgb.png"), Rgb(), Width, Height);
        foreach (string name in (string[])["gray.png", "gray16.png", "rgb.png"])
        {
            byte[] written = File.ReadAllBytes(Out(name)), expected = File.ReadAllBytes(Pillow(name));
            // Signature and header: size, depth, color, no interlacing.
            Assert.Equal(expected[..33], written[..33]);
            Assert.Equal(ImageResult.FromMemory(expected).Data, ImageResult.FromMemory(written).Data);
            using XRayImage ours = XRayImage.Load(Out(name)), theirs = XRayImage.Load(Pillow(name));
            Assert.Equal(theirs.Pixels.Data.ToArray(), ours.Pixels.Data.ToArray());
            Assert.Empty(DoubtTests.Oddities(ours));
            Assert.Equal(name == "rgb.png", DoubtTests.SaysColored(ours));
        }
        using XRayImage sixteen = XRayImage.Load(Out("gray16.png"));
        Assert.Equal(Gray16(), MemoryMarshal.Cast<byte, ushort>(sixteen.Pixels.Data).ToArray());
    }

    [Fact]
    public void Jpegs_are_as_near_to_their_source_as_pillows()
    {
        ImageWriter.SaveGray(Out("gray.jpg"), Ramp(), Width, Height);
        ImageWriter.SaveRgb(Out("rgb.jpg"), Rgb(), Width, Height);
        Near(Ramp(), "gray.jpg", ColorComponents.Grey);
        Near(Rgb(), "rgb.jpg", ColorComponents.RedGreenBlue);

        void Near(byte[] source, string name, ColorComponents components)
        {
            byte[] ours = ImageResult.FromMemory(File.ReadAllBytes(Out(name)), components).Data;
            byte[] theirs = ImageResult.FromMemory(File.ReadAllBytes(Pillow(name)), components).Data;
            Assert.InRange(Distance(source, ours), 0, Distance(source, theirs) + 0.5);
            Assert.InRange(ours.Zip(theirs, (a, b) => Math.Abs(a - b)).Max(), 0, 6);
        }

        static double Distance(byte[] a, byte[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Average();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 300)]
    [InlineData(300, 1)]
    [InlineData(17, 33)]
    [InlineData(700, 500)]
    public void Noise_of_any_size_reads_back_exactly(int width, int height)
    {
        Random random = new(width * height);
        ushort[] deep = new ushort[width * height];
        random.NextBytes(MemoryMarshal.AsBytes(deep.AsSpan()));
        byte[] gray = new byte[width * height], rgb = new byte[3 * width * height];
        random.NextBytes(gray);
        random.NextBytes(rgb);

        // 700 x 500 of noise do not compress, so the data fill many chunks.
        Assert.Equal(gray, ImageResult.FromMemory(Written(new PixelBlock(gray, width, height, 1, 1)), ColorComponents.Grey).Data);
        Assert.Equal(rgb, ImageResult.FromMemory(Written(new PixelBlock(rgb, width, height, 3, 1)), ColorComponents.RedGreenBlue).Data);
        using XRayImage image = XRayImage.Decode(Written(new PixelBlock(deep, width, height)));
        Assert.Equal(deep, MemoryMarshal.Cast<byte, ushort>(image.Pixels.Data).ToArray());

        static byte[] Written(PixelBlock pixels)
        {
            using MemoryStream stream = new();
            ImageWriter.Write(stream, pixels, PictureFormat.Png);
            return stream.ToArray();
        }
    }

    [Fact]
    public void A_smooth_picture_takes_a_small_part_of_its_size()
    {
        ushort[] plane = [.. Enumerable.Range(0, 512 * 512).Select(i => (ushort)(i % 512 * 60 + i / 512 * 67))];
        ImageWriter.SaveGray(Out("plane.png"), plane, 512, 512);
        Assert.InRange(new FileInfo(Out("plane.png")).Length, 1, 2 * plane.Length / 50);
    }

    [Fact]
    public void Filters_undo_themselves_over_every_tail_length()
    {
        Random random = new(5);
        PngFilters filters = PngFilters.For(Cpu.Kernels);
        foreach (int step in (int[])[1, 2, 3])
        {
            for (int length = step; length <= 100; length += step)
            {
                byte[] row = new byte[length], above = new byte[length], filtered = new byte[length];
                random.NextBytes(row);
                random.NextBytes(above);
                for (int filter = 0; filter < PngFilters.Count; filter++)
                {
                    PngFilters.Apply(filter, row, above, step, filtered);
                    Assert.True(filters.Undo(filter, filtered, above, step));
                    Assert.Equal(row, filtered);
                }
            }
        }
    }

    [Fact]
    public void The_sum_of_magnitudes_is_the_plain_one_over_every_tail_length()
    {
        byte[] bytes = new byte[16 * 600 + 7];
        new Random(6).NextBytes(bytes);
        foreach (int length in (int[])[.. Enumerable.Range(0, 100), 16 * 255, 16 * 255 + 16, bytes.Length])
        {
            foreach (KernelSet set in InstructionSetTests.Kernels)
                Assert.Equal(
                    bytes[..length].Sum(b => Math.Abs((int)(sbyte)b)), PngFilters.For(set).SumOfMagnitudes(bytes.AsSpan(0, length)));
        }
        // The largest magnitude in every lane must not overflow.
        bytes.AsSpan().Fill(128);
        foreach (KernelSet set in InstructionSetTests.Kernels)
            Assert.Equal(128L * bytes.Length, PngFilters.For(set).SumOfMagnitudes(bytes));
    }

    [Theory]
    [InlineData("picture.bmp")]
    [InlineData("picture")]
    [InlineData("picture.png.tmp")]
    public void Other_endings_are_refused_by_a_message_that_names_those_there_are(string name)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => ImageWriter.SaveGray(Out(name), Gray(), Width, Height));
        Assert.Equal(SeverityError.InvalidArgument, error.Code);
        Assert.StartsWith(Out(name) + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(".png, .jpg or .jpeg", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("A.PNG", 0x89)]
    [InlineData("a.JPG", 0xFF)]
    [InlineData("a.b.jpeg", 0xFF)]
    public void Endings_choose_the_format_in_either_case(string name, byte first)
    {
        ImageWriter.SaveGray(Out(name), Gray(), Width, Height);
        Assert.Equal(first, File.ReadAllBytes(Out(name))[0]);
    }

    [Fact]
    public void Sixteen_bits_as_jpeg_are_refused_and_leave_what_was_there()
    {
        File.WriteAllText(Out("deep.jpg"), "an older file");
        SeverityException error = Assert.Throws<SeverityException>(() => ImageWriter.SaveGray(Out("deep.jpg"), Gray16(), Width, Height));
        Assert.Equal(SeverityError.InvalidArgument, error.Code);
        Assert.Equal([Out("deep.jpg")], Directory.GetFiles(_folder));
        Assert.Equal("an older file", File.ReadAllText(Out("deep.jpg")));
    }

    [Fact]
    public void A_bad_size_or_quality_is_refused()
    {
        AssertRefused(() => ImageWriter.SaveGray(Out("a.png"), Gray(), Width, Height + 1));
        AssertRefused(() => ImageWriter.SaveGray(Out("a.png"), Gray(), Width, Height - 1));
        AssertRefused(() => ImageWriter.SaveGray(Out("a.png"), (ReadOnlySpan<byte>)[], 0, 5));
        AssertRefused(() => ImageWriter.SaveRgb(Out("a.png"), Gray(), Width, Height));
        AssertRefused(() => ImageWriter.SaveGray(Out("a.jpg"), Gray(), Width, Height, quality: 0));
        AssertRefused(() => ImageWriter.SaveGray(Out("a.jpg"), Gray(), Width, Height, quality: 101));
        AssertRefused(() => ImageWriter.SaveGray(Out("a.jpg"), new byte[65_536], 65_536, 1));

        static void AssertRefused(Action save) => Assert.Equal(SeverityError.InvalidArgument, Assert.Throws<SeverityException>(save).Code);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named_and_left_as_it_was()
    {
        Directory.CreateDirectory(Out("folder.png"));
        foreach (string path in (string[])[Out("folder.png"), Out("missing/a.png"), Out("nul\0.png")])
        {
            SeverityException error = Assert.Throws<SeverityException>(() => ImageWriter.SaveGray(path, Gray(), Width, Height));
            Assert.Equal(SeverityError.FileUnwritable, error.Code);
            Assert.StartsWith(path + ": ", error.Message, StringComparison.Ordinal);
        }
        Assert.Equal([Out("folder.png")], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void An_older_picture_is_replaced_and_nothing_else_is_left()
    {
        File.WriteAllText(Out("a.png"), "an older file, longer than nothing");
        ImageWriter.SaveGray(Out("a.png"), Gray(), Width, Height);
        Assert.Equal([Out("a.png")], Directory.GetFileSystemEntries(_folder));
        using XRayImage image = XRayImage.Load(Out("a.png"));
        Assert.Equal(Gray(), image.Pixels.Data.ToArray());
    }
}
