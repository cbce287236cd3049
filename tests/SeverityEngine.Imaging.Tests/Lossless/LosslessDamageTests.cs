using System.Buffers.Binary;
using System.Diagnostics;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.JpegLossless;
using SeverityEngine.Imaging.JpegLs;

namespace SeverityEngine.Imaging.Tests.Lossless;

/// <summary>Pictures that are cut, damaged, hostile, or of a form that is not read.</summary>
public class LosslessDamageTests
{
    const int Lossless = 0xC3, Ls = 0xF7, LsParameters = 0xF8, HuffmanTables = 0xC4, StartOfScan = 0xDA, RestartInterval = 0xDD;
    const string Gray = "own-bits-12.jpg", Restarts = "own-restarts-5-rows.jpg", Color = "own-color-16.jpg", GrayLs = "bits-12.jls";

    [Theory]
    [InlineData("selection-7-16.jpg")]
    [InlineData("own-bits-2.jpg")]
    [InlineData("own-restarts-1.jpg")]
    [InlineData("own-restarts-color.jpg")]
    [InlineData("own-color-apart.jpg")]
    [InlineData("size-1x1.jpg")]
    [InlineData("bits-16.jls")]
    [InlineData("flat-8-near-0.jls")]
    [InlineData("plain-12-near-3.jls")]
    [InlineData("color-samples.jls")]
    [InlineData("color-lines-flat.jls")]
    [InlineData("color-apart-near.jls")]
    [InlineData("size-1x1.jls")]
    public void Every_beginning_of_a_file_is_refused(string name)
    {
        byte[] file = LosslessSamples.Read(name);
        int end = file.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) + 2;
        for (int length = 0; length < end; length++)
        {
            SeverityException e = LosslessSamples.ErrorOf(name, file[..length]);
            Assert.True(e.Code is SeverityError.ImageTruncated or SeverityError.ImageCorrupt, $"{length} bytes: {e.Message}");
        }
        Assert.Equal(SeverityError.ImageTruncated, LosslessSamples.ErrorOf(name, file[..(file.Length / 2)]).Code);
    }

    [Theory]
    [InlineData("gray-8.rle")]
    [InlineData("gray-12.rle")]
    [InlineData("flat-16.rle")]
    [InlineData("color.rle")]
    public void Every_beginning_of_RLE_is_refused(string name)
    {
        byte[] file = LosslessSamples.Read(name);
        int end = file.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        for (int length = 0; length < end; length++)
            Assert.Equal(SeverityError.ImageTruncated, LosslessSamples.ErrorOf(name, file[..length]).Code);
    }

    [Theory]
    [InlineData("own-bits-12.jpg")]
    [InlineData("own-restarts-1.jpg")]
    [InlineData("own-color-16.jpg")]
    [InlineData("bits-12.jls")]
    [InlineData("flat-16-near-0.jls")]
    [InlineData("color-lines.jls")]
    public void Bytes_that_are_left_over_are_damage(string name)
    {
        byte[] file = LosslessSamples.Read(name);
        int end = file.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]);
        while (file[end - 1] == 0xFF)
            end--; // fill bytes
        foreach (byte[] more in (byte[][])[[0], [0x55], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0xFF, 0, 0x11]])
        {
            SeverityException e = LosslessSamples.ErrorOf(name, LosslessSamples.Insert(file, end, more));
            Assert.Equal(SeverityError.ImageCorrupt, e.Code);
            Assert.Contains("left over", e.Message);
        }
    }

    [Fact]
    public void Restart_markers_are_counted()
    {
        byte[] file = LosslessSamples.Read(Restarts);
        int first = LosslessSamples.Find(file, 0xD0), second = LosslessSamples.Find(file, 0xD1);
        SeverityException wrong = LosslessSamples.ErrorOf(Restarts, LosslessSamples.Replace(file, first, 0xFF, 0xD3));
        Assert.Equal(SeverityError.ImageCorrupt, wrong.Code);
        Assert.Contains("in place of the restart marker D0", wrong.Message);
        // An interval is missing.
        Assert.Equal(SeverityError.ImageCorrupt, LosslessSamples.ErrorOf(Restarts, [.. file[..first], .. file[second..]]).Code);
        Assert.Equal(SeverityError.ImageTruncated, LosslessSamples.ErrorOf(Restarts, [.. file[..first], 0xFF, 0xD9]).Code);
        // Intervals of other than whole rows.
        int interval = LosslessSamples.Find(file, RestartInterval) + 4;
        Assert.Contains("whole rows", LosslessSamples.ErrorOf(Restarts, LosslessSamples.Replace(file, interval, 0, 34)).Message);
        Assert.Equal(SeverityError.ImageCorrupt, LosslessSamples.ErrorOf(Restarts, LosslessSamples.Replace(file, interval, 0, 66)).Code);
    }

    /// <summary>
    /// A block of a disk or of a transfer that is lost leaves something over, or something short, or samples beyond their bits.
    /// </summary>
    [Theory]
    [InlineData("own-bits-12.jpg", 0.7)]
    [InlineData("noise-16.jpg", 0.7)]
    [InlineData("own-restarts-1.jpg", 0.85)]
    [InlineData("bits-12.jls", 0.95)]
    [InlineData("bits-16.jls", 0.9)]
    [InlineData("near-9-12.jls", 0.95)]
    [InlineData("color-samples.jls", 0.98)]
    public void Most_damage_in_coded_data_is_told(string name, double least)
    {
        byte[] file = LosslessSamples.Read(name);
        int start = LosslessSamples.Find(file, StartOfScan) + 20, told = 0;
        const int Tries = 300;
        for (int i = 0; i < Tries; i++)
        {
            Random random = new(i);
            byte[] damaged = [.. file];
            int at = random.Next(start, file.Length - 24);
            random.NextBytes(damaged.AsSpan(at, 16));
            try
            {
                LosslessSamples.Decode(name, damaged).Dispose();
            }
            catch (SeverityException e)
            {
                Assert.True(e.Code is SeverityError.ImageCorrupt or SeverityError.ImageTruncated);
                told++;
            }
        }
        Assert.InRange(told, least * Tries, Tries);
    }

    [Fact]
    public void Headers_that_cannot_be_are_damage()
    {
        byte[] gray = LosslessSamples.Read(Gray), color = LosslessSamples.Read(Color), ls = LosslessSamples.Read(GrayLs);
        int frame = LosslessSamples.Find(gray, Lossless), scan = LosslessSamples.Find(gray, StartOfScan);
        AssertCorrupt(Gray, LosslessSamples.Replace(gray, 0, 0xFF, 0x4F));
        AssertCorrupt(Gray, LosslessSamples.Replace(gray, frame + 4, 1));
        AssertCorrupt(Gray, LosslessSamples.Replace(gray, frame + 4, 17));
        AssertCorrupt(Gray, LosslessSamples.Replace(gray, frame + 7, 0, 0));
        AssertCorrupt(Gray, LosslessSamples.Insert(gray, frame, gray[frame..(frame + 13)]));
        AssertCorrupt(Gray, [.. gray[..frame], .. gray[(frame + 13)..]]);
        AssertCorrupt(Gray, LosslessSamples.Replace(gray, scan + 5, 2)); // a component that is not there
        AssertCorrupt(Gray, LosslessSamples.Replace(gray, scan + 6, 0x30)); // a table that is not there
        AssertCorrupt(Gray, LosslessSamples.Replace(gray, scan + 7, 0)); // selection values
        AssertCorrupt(Gray, LosslessSamples.Replace(gray, scan + 7, 8));
        AssertCorrupt(Gray, LosslessSamples.Replace(gray, scan + 9, 12)); // a point transform of all bits
        AssertCorrupt(Gray, LosslessSamples.Replace(gray, LosslessSamples.Find(gray, HuffmanTables) + 21, 17)); // a size of 17 bits
        AssertCorrupt(Gray, LosslessSamples.Insert(gray, gray.Length - 2, gray[scan..(scan + 10)])); // the same component again
        AssertCorrupt(Color, LosslessSamples.Replace(color, LosslessSamples.Find(color, StartOfScan) + 7, 1));
        scan = LosslessSamples.Find(ls, StartOfScan);
        AssertCorrupt(GrayLs, LosslessSamples.Insert(ls, scan, Parameters(4096, 0, 0, 0, 0)));
        AssertCorrupt(GrayLs, LosslessSamples.Insert(ls, scan, Parameters(4095, 20, 10, 30, 0)));
        AssertCorrupt(GrayLs, LosslessSamples.Insert(ls, scan, Parameters(4095, 2, 10, 9, 0)));
        AssertCorrupt(GrayLs, LosslessSamples.Insert(ls, scan, Parameters(4095, 2, 10, 4096, 0)));
        AssertCorrupt(GrayLs, LosslessSamples.Insert(ls, scan, Parameters(4095, 0, 0, 0, 2)));
        AssertCorrupt(GrayLs, LosslessSamples.Insert(ls, scan, 0xFF, LsParameters, 0, 4, 1, 0));
        byte[] tooNear = LosslessSamples.Insert(ls, scan, Parameters(100, 0, 0, 0, 0));
        AssertCorrupt(GrayLs, LosslessSamples.Replace(tooNear, LosslessSamples.Find(tooNear, StartOfScan) + 7, 51));
        byte[] lines = LosslessSamples.Read("color-lines.jls");
        AssertCorrupt("color-lines.jls", LosslessSamples.Replace(lines, LosslessSamples.Find(lines, StartOfScan) + 12, 0));
        AssertCorrupt("color-lines.jls", LosslessSamples.Replace(lines, LosslessSamples.Find(lines, StartOfScan) + 12, 3));
    }

    [Fact]
    public void Forms_that_are_not_read_are_refused_by_their_names()
    {
        byte[] gray = LosslessSamples.Read(Gray), color = LosslessSamples.Read(Color), ls = LosslessSamples.Read(GrayLs);
        int frame = LosslessSamples.Find(gray, Lossless), scan = LosslessSamples.Find(ls, StartOfScan);
        AssertUnsupported(Gray, LosslessSamples.Replace(gray, frame + 1, 0xC0), "not a lossless one");
        AssertUnsupported(Gray, LosslessSamples.Replace(gray, frame + 1, 0xCB), "not a lossless one");
        AssertUnsupported(Gray, LosslessSamples.Replace(gray, frame + 1, Ls), "JPEG-LS");
        AssertUnsupported(Gray, LosslessSamples.Replace(gray, frame + 5, 0, 0), "height after its picture");
        AssertUnsupported(Color, LosslessSamples.Replace(color, LosslessSamples.Find(color, Lossless) + 11, 0x21), "subsampled");
        AssertUnsupported(Color, LosslessSamples.Replace(color, LosslessSamples.Find(color, Lossless) + 9, 2), "2 components");
        AssertUnsupported(GrayLs, LosslessSamples.Replace(ls, LosslessSamples.Find(ls, Ls) + 1, Lossless), "not a JPEG-LS image");
        AssertUnsupported(GrayLs, LosslessSamples.Replace(ls, scan + 6, 1), "mapping tables");
        AssertUnsupported(GrayLs, LosslessSamples.Replace(ls, scan + 9, 1), "point transform");
        AssertUnsupported(GrayLs, LosslessSamples.Insert(ls, scan, 0xFF, RestartInterval, 0, 4, 0, 33), "restart intervals");
        AssertUnsupported(GrayLs, LosslessSamples.Insert(ls, scan, 0xFF, LsParameters, 0, 5, 4, 2, 0), "65,535");
        AssertUnsupported(GrayLs, LosslessSamples.Insert(ls, 2, [0xFF, 0xE8, 0, 7, .. "mrfx"u8, 1]), "color transform");
    }

    [Theory]
    [InlineData(Gray, Lossless)]
    [InlineData(GrayLs, Ls)]
    public void Sizes_are_checked_before_memory_is_taken(string name, int marker)
    {
        byte[] file = LosslessSamples.Read(name);
        int frame = LosslessSamples.Find(file, marker);
        Assert.Equal(
            SeverityError.ImageTooLarge,
            LosslessSamples.ErrorOf(name, LosslessSamples.Replace(file, frame + 5, 0xFF, 0xFF, 0xFF, 0xFF)).Code);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(
            SeverityError.ImageTruncated,
            LosslessSamples.ErrorOf(name, LosslessSamples.Replace(file, frame + 5, 0x7F, 0xFF, 0x0B, 0)).Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 << 20);
        Assert.Equal(
            SeverityError.ImageTooLarge,
            Assert.Throws<SeverityException>(
                () => LosslessSamples.Decode(name, file, new ImageLimits { MaxPixels = 33 * 28 - 1 }).Dispose()).Code);
    }

    /// <summary>Ones are runs, up to 32,768 samples each: nothing gives more pixels for fewer bytes.</summary>
    [Fact]
    public void A_plain_picture_in_few_bytes_is_decoded_at_once()
    {
        const int Width = 32_767, Height = 512;
        ReadOnlySpan<byte> powers =
            [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        int bits = 0, run = 0;
        for (int y = 0; y < Height; y++)
        {
            for (int left = Width; left > 0; bits++)
            {
                int part = 1 << powers[run];
                run = part <= left ? Math.Min(31, run + 1) : run;
                left -= Math.Min(part, left);
            }
        }
        List<byte> coded = [];
        for (int size = 8; bits > 0; bits -= size, size = 15 - size)
            coded.Add((byte)((1 << size) - 1 & -1 << Math.Max(0, size - bits)));
        if (coded[^1] == 0xFF)
            coded.Add(0);
        byte[] file =
        [
            0xFF, 0xD8, 0xFF, Ls, 0, 11, 16, Height >> 8, Height & 0xFF, Width >> 8, Width & 0xFF, 1, 1, 0x11, 0,
            0xFF, StartOfScan, 0, 8, 1, 1, 0, 0, 0, 0, .. coded, 0xFF, 0xD9,
        ];
        Assert.InRange(file.Length, 0, 200);
        Stopwatch watch = Stopwatch.StartNew();
        using CodecFrame frame = JpegLsDecoder.Decode(file, "plain", ImageLimits.Default);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.False(frame.Plane(0).ContainsAnyExcept((ushort)0));
    }

    [Fact]
    public void RLE_that_does_not_fit_its_header_is_damage()
    {
        const string Name = "gray-12.rle";
        byte[] file = LosslessSamples.Read(Name);
        CodecHeader header = LosslessSamples.HeaderOf(Name);
        int second = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(8));
        AssertCorrupt(Name, LosslessSamples.Replace(file, 0, 1)); // segments
        AssertCorrupt(Name, LosslessSamples.Replace(file, 0, 0xFF, 0xFF, 0xFF, 0xFF));
        AssertCorrupt(Name, LosslessSamples.Replace(file, 4, 63)); // within the header
        AssertCorrupt(Name, LosslessSamples.Replace(file, 4, (byte)(second + 1), (byte)(second + 1 >> 8))); // after the next one
        Assert.Equal(SeverityError.ImageTruncated, LosslessSamples.ErrorOf(Name, LosslessSamples.Replace(file, 8, 64, 0)).Code); // empty
        Assert.Equal(SeverityError.ImageTruncated, LosslessSamples.ErrorOf(Name, LosslessSamples.Replace(file, 10, 0xFF, 0xFF)).Code);
        AssertCorrupt(Name, LosslessSamples.Insert(file, file.Length, 1)); // left over
        // A run that goes past the end, as the first of the last segment.
        byte[] runs = [.. Enumerable.Repeat((byte[])[0x81, 7], header.Width * header.Height / 128 + 1).SelectMany(b => b)];
        byte[] past = [.. file[..second], .. runs];
        AssertCorrupt(Name, past);
        Assert.Contains("goes past", LosslessSamples.ErrorOf(Name, past).Message);
        foreach (CodecHeader other in (CodecHeader[])
            [header with { Precision = 8 }, header with { Components = 3 }, header with { Width = header.Width - 1 }])
        {
            Assert.Equal(
                SeverityError.ImageCorrupt,
                Assert.Throws<SeverityException>(() => RleDecoder.Decode(file, other, Name, ImageLimits.Default).Dispose()).Code);
        }
        Assert.Equal(
            SeverityError.ImageTruncated,
            Assert.Throws<SeverityException>(
                () => RleDecoder.Decode(file, header with { Width = 10_000, Height = 10_000 }, Name, ImageLimits.Default).Dispose()).Code);
        Assert.Equal(
            SeverityError.ImageTooLarge,
            Assert.Throws<SeverityException>(
                () => RleDecoder.Decode(file, header with { Width = 100_000 }, Name, ImageLimits.Default).Dispose()).Code);
    }

    [Fact]
    public void RLE_codes_that_mean_nothing_are_passed_over()
    {
        const string Name = "gray-8.rle";
        byte[] file = LosslessSamples.Read(Name);
        using CodecFrame frame = LosslessSamples.Decode(Name, LosslessSamples.Insert(file, 64, 0x80, 0x80));
        LosslessSamples.AssertExpected(Name, frame);
    }

    [Fact]
    public void Headers_are_refused_where_pictures_are()
    {
        byte[] gray = LosslessSamples.Read(Gray);
        Assert.Equal(
            SeverityError.ImageTruncated,
            Assert.Throws<SeverityException>(() => JpegLosslessDecoder.ReadHeader(gray.AsSpan(..9), "cut")).Code);
        Assert.Equal(
            SeverityError.ImageFormatUnsupported, Assert.Throws<SeverityException>(() => JpegLsDecoder.ReadHeader(gray, "other")).Code);
        Assert.Equal(
            SeverityError.ImageTruncated, Assert.Throws<SeverityException>(() => JpegLsDecoder.ReadHeader([], "empty")).Code);
    }

    static byte[] Parameters(int max, int t1, int t2, int t3, int reset)
    {
        byte[] segment = [0xFF, LsParameters, 0, 13, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        foreach ((int i, int value) in ((int[])[max, t1, t2, t3, reset]).Index())
            BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(5 + 2 * i), (ushort)value);
        return segment;
    }

    static void AssertCorrupt(string name, byte[] file) =>
        Assert.Equal(SeverityError.ImageCorrupt, LosslessSamples.ErrorOf(name, file).Code);

    static void AssertUnsupported(string name, byte[] file, string told)
    {
        SeverityException e = LosslessSamples.ErrorOf(name, file);
        Assert.Equal(SeverityError.ImageFormatUnsupported, e.Code);
        Assert.Contains(told, e.Message);
    }
}
