using System.Buffers.Binary;
using System.Diagnostics;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Jpeg2000;

namespace SeverityEngine.Imaging.Tests.Jpeg2000;

/// <summary>Files that are cut, damaged, hostile, or of a form that is not read.</summary>
public class Jpeg2000DamageTests
{
    const int StartOfTile = 0xFF90, Size = 0xFF51, Coding = 0xFF52, Quantization = 0xFF5C;

    /// <summary>Small ones of each kind.</summary>
    public static TheoryData<string> Cut =>
    [
        "size-3x5.j2k", "bits-1.j2k", "tiles.j2k", "markers.j2k", "style-63.j2k", "layers.j2k", "near-tiles.j2k", "packed-in-main.j2k",
        "packed-in-tiles.j2k", "tile-parts-c.j2k", "boxes.jp2",
    ];

    [Theory]
    [MemberData(nameof(Cut))]
    public void Every_beginning_of_a_file_is_refused(string name)
    {
        byte[] file = Jpeg2000Samples.Read(name);
        for (int length = 0; length < file.Length; length++)
        {
            SeverityError code = Jpeg2000Samples.ErrorOf(file[..length]);
            // A part of a marker may look like damage; anything behind the headers is a cut.
            Assert.True(code is SeverityError.ImageTruncated or SeverityError.ImageCorrupt, $"{length} bytes: {code}");
        }
        Assert.Equal(SeverityError.ImageTruncated, Jpeg2000Samples.ErrorOf(file[..(file.Length / 2)]));
        Assert.Equal(SeverityError.ImageTruncated, Jpeg2000Samples.ErrorOf(file[..^1]));
    }

    [Fact]
    public void A_tile_that_is_missing_is_a_cut_file()
    {
        byte[] file = Jpeg2000Samples.Read("tiles.j2k");
        int first = Jpeg2000Samples.Find(file, StartOfTile);
        int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(first + 6));
        Assert.Equal(SeverityError.ImageTruncated, Jpeg2000Samples.ErrorOf([.. file[..first], .. file[(first + length)..]]));
    }

    [Fact]
    public void A_part_of_a_tile_that_is_missing_is_damage()
    {
        byte[] file = Jpeg2000Samples.Read("tile-parts-l.j2k");
        int first = Jpeg2000Samples.Find(file, StartOfTile);
        int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(first + 6));
        Assert.Equal(SeverityError.ImageCorrupt, Jpeg2000Samples.ErrorOf([.. file[..first], .. file[(first + length)..]]));
    }

    /// <summary>A bit changed within coded data cannot always be told, but where blocks end and what stands there tells most.</summary>
    [Theory]
    [InlineData("larger.j2k", 0.8)]
    [InlineData("style-63.j2k", 0.8)]
    public void Most_damage_in_coded_data_is_told(string name, double least)
    {
        byte[] file = Jpeg2000Samples.Read(name);
        int start = Jpeg2000Samples.Find(file, 0xFF93) + 100, told = 0;
        const int Tries = 200;
        for (int i = 0; i < Tries; i++)
        {
            Random random = new(i);
            byte[] damaged = [.. file];
            int at = random.Next(start, file.Length - 2);
            // Several bytes, as where a block of a disk or of a transfer is lost.
            for (int k = at; k < Math.Min(at + 16, file.Length - 2); k++)
                damaged[k] = (byte)random.Next(256);
            try
            {
                Jpeg2000Samples.Decode(damaged).Dispose();
            }
            catch (SeverityException e)
            {
                Assert.True(e.Code is SeverityError.ImageCorrupt or SeverityError.ImageTruncated);
                told++;
            }
        }
        Assert.InRange(told, least * Tries, Tries);
    }

    [Theory]
    [InlineData("style-32.j2k", "symbols")]
    [InlineData("markers.j2k", "marker")]
    public void Marks_that_are_wrong_are_damage(string name, string told)
    {
        byte[] file = Jpeg2000Samples.Read(name);
        int at = name.StartsWith("style", StringComparison.Ordinal)
            ? Jpeg2000Samples.Find(file, 0xFF93) + 300
            : Jpeg2000Samples.Find(file, 0xFF92) + 1;
        SeverityException e = Assert.Throws<SeverityException>(
            () => Jpeg2000Samples.Decode(Jpeg2000Samples.Replace(file, at, (byte)(file[at] ^ 0x55))).Dispose());
        Assert.Equal(SeverityError.ImageCorrupt, e.Code);
        Assert.Contains(told, e.Message);
    }

    [Fact]
    public void High_Throughput_JPEG_2000_is_refused_by_its_name()
    {
        byte[] file = Jpeg2000Samples.Read("bits-12.j2k");
        int size = Jpeg2000Samples.Find(file, Size), coding = Jpeg2000Samples.Find(file, Coding);
        AssertUnsupported(Jpeg2000Samples.Replace(file, size + 4, 0x40), "HTJ2K");
        AssertUnsupported(Jpeg2000Samples.Replace(file, coding + 12, 0x40), "HTJ2K");
        AssertUnsupported([.. file[..coding], 0xFF, 0x50, 0, 8, 0, 2, 0, 0, 0, 1, .. file[coding..]], "HTJ2K");
    }

    [Fact]
    public void Forms_that_are_not_read_are_refused_by_their_names()
    {
        byte[] gray = Jpeg2000Samples.Read("bits-12.j2k"), color = Jpeg2000Samples.Read("color-apart.j2k");
        int size = Jpeg2000Samples.Find(gray, Size), coding = Jpeg2000Samples.Find(gray, Coding);
        AssertUnsupported(Jpeg2000Samples.Replace(gray, size + 4, 0x80), "part 2");
        AssertUnsupported(Jpeg2000Samples.Replace(gray, size + 41, 2), "subsampled");
        AssertUnsupported(Jpeg2000Samples.Replace(gray, size + 40, 16), "17 bits");
        AssertUnsupported(Jpeg2000Samples.Replace(color, Jpeg2000Samples.Find(color, Size) + 43, 11), "differ in precision");
        AssertUnsupported(Jpeg2000Samples.Replace(gray, coding + 13, 2), "wavelet");
    }

    [Fact]
    public void Sizes_are_checked_before_memory_is_taken()
    {
        byte[] file = Jpeg2000Samples.Read("bits-12.j2k");
        int size = Jpeg2000Samples.Find(file, Size);
        byte[] huge = [.. file];
        BinaryPrimitives.WriteUInt32BigEndian(huge.AsSpan(size + 6), uint.MaxValue);
        BinaryPrimitives.WriteUInt32BigEndian(huge.AsSpan(size + 10), uint.MaxValue);
        BinaryPrimitives.WriteUInt32BigEndian(huge.AsSpan(size + 22), uint.MaxValue);
        BinaryPrimitives.WriteUInt32BigEndian(huge.AsSpan(size + 26), uint.MaxValue);
        Assert.Equal(SeverityError.ImageTooLarge, Jpeg2000Samples.ErrorOf(huge));
        Assert.Equal(
            SeverityError.ImageTooLarge,
            Assert.Throws<SeverityException>(
                () => Jpeg2000Decoder.Decode(file, "small", new ImageLimits { MaxPixels = 33 * 28 - 1 }).Dispose()).Code);
    }

    [Theory]
    [InlineData(1, SeverityError.ImageTruncated)] // 33 x 28 tiles, which the data cannot be for
    [InlineData(0, SeverityError.ImageCorrupt)]
    public void Tiles_without_data_are_refused(uint side, SeverityError code)
    {
        byte[] file = Jpeg2000Samples.Read("bits-12.j2k");
        int size = Jpeg2000Samples.Find(file, Size);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(size + 22), side);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(size + 26), side);
        Assert.Equal(code, Jpeg2000Samples.ErrorOf(file));
    }

    [Fact]
    public void More_than_65535_tiles_are_refused()
    {
        byte[] file = Jpeg2000Samples.Hostile(300, 300, layers: 1, levels: 0, [], [0x80]);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(Jpeg2000Samples.Find(file, Size) + 22), 1);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(Jpeg2000Samples.Find(file, Size) + 26), 1);
        Assert.Equal(SeverityError.ImageCorrupt, Jpeg2000Samples.ErrorOf(file));
    }

    [Fact]
    public void Layers_and_precincts_without_data_are_refused_at_once()
    {
        AssertTruncated(Jpeg2000Samples.Hostile(30_000, 3_000, ushort.MaxValue, 5, [], [0x80]));
        // Precincts of 1 x 1 and 2 x 2.
        byte[] precincts = [0x00, 0x11, 0x11, 0x11, 0x11, 0x11];
        AssertTruncated(Jpeg2000Samples.Hostile(30_000, 3_000, 1, 5, precincts, new byte[100_000]));

        static void AssertTruncated(byte[] file) => Assert.Equal(SeverityError.ImageTruncated, Jpeg2000Samples.ErrorOf(file));
    }

    [Fact]
    public void An_empty_picture_is_gray()
    {
        using CodecFrame frame = Jpeg2000Samples.Decode(Jpeg2000Samples.Hostile(300, 200, layers: 1, levels: 0, [], [0]));
        Assert.All(frame.Plane(0).ToArray(), v => Assert.Equal(128, v));
    }

    /// <summary>A million code blocks that 30,000 layers have nothing of: each layer is one bit.</summary>
    [Fact]
    public void Code_blocks_that_are_never_there_cost_little_time()
    {
        Stopwatch watch = Stopwatch.StartNew();
        // A packet with something in it, of which the tag tree says that the first block comes in a later layer.
        byte[] packets = new byte[30_000];
        Array.Fill(packets, (byte)0x80);
        Assert.Equal(SeverityError.ImageCorrupt, Jpeg2000Samples.ErrorOf(Jpeg2000Samples.Hostile(4_096, 4_096, 30_000, 0, [], packets)));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    static void AssertUnsupported(byte[] file, string told)
    {
        SeverityException e = Assert.Throws<SeverityException>(() => Jpeg2000Samples.Decode(file).Dispose());
        Assert.Equal(SeverityError.ImageFormatUnsupported, e.Code);
        Assert.Contains(told, e.Message);
    }
}
