using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests;

public class PngDecoderTests
{
    /// <summary>An IEND chunk, whole.</summary>
    const int EndBytes = 12;

    static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "images", "png");

    public static TheoryData<string> Samples =>
        [.. Directory.EnumerateFiles(Folder, "*.png").Select(f => Path.GetFileNameWithoutExtension(f)!).Order()];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Channel_0_of_every_color_type_depth_and_interlace_method_is_what_was_put_in(string sample)
    {
        using XRayImage image = XRayImage.Load(Path.Combine(Folder, sample + ".png"));
        string expected = Path.Combine(Folder, sample + ".npy");
        if (sample.Contains("-16-", StringComparison.Ordinal))
            AssertPixels(Npy<ushort>.Load(expected), 16, image);
        else
            AssertPixels(Npy<byte>.Load(expected), 8, image);
        Assert.Empty(DoubtTests.Oddities(image));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_whole_picture_without_an_end_chunk_is_read_with_a_warning(string sample)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(Folder, sample + ".png"));
        using XRayImage whole = XRayImage.Decode(file), open = XRayImage.Decode(file.AsSpan(0, file.Length - EndBytes));
        Assert.Equal(whole.Pixels.Data, open.Pixels.Data);
        Assert.Contains("the picture is whole, but its IEND chunk is missing", Assert.Single(DoubtTests.Oddities(open)));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_file_that_is_cut_anywhere_else_is_refused(string sample)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(Folder, sample + ".png"));
        for (int length = 0; length < file.Length; length++)
        {
            if (length != file.Length - EndBytes)
                Assert.Throws<SeverityException>(() => XRayImage.Decode(file.AsSpan(0, length)).Dispose());
        }
    }

    /// <summary>Chunks that are whole, and compressed data that are not: their checksum may be all that is missing.</summary>
    [Theory]
    [InlineData("gray-8-37x21")]
    [InlineData("rgba-16-interlaced-37x21")]
    [InlineData("palette-4-37x21")]
    [InlineData("gray-8-1x1")]
    public void Compressed_data_must_have_their_end_whether_there_is_an_end_chunk_or_not(string sample)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(Folder, sample + ".png"));
        int first = file.AsSpan().IndexOf("IDAT"u8) - 4;
        byte[] data = [.. Chunks(file).Where(c => c.Type == "IDAT").SelectMany(c => c.Data)];
        // Other chunks may stand behind the data, and the data in any pieces.
        foreach (int piece in (int[])[1, 7, data.Length])
        {
            byte[] pieces = [.. data.Chunk(piece).SelectMany(d => Chunk("IDAT", d))];
            using XRayImage image = XRayImage.Decode([.. file[..first], .. pieces, .. Chunk("tEXt", [.. "a\0b"u8])]);
            Assert.Contains("IEND chunk is missing", Assert.Single(DoubtTests.Oddities(image)));
        }
        for (int length = 0; length < data.Length; length++)
            AssertTruncated(data[..length]);

        void AssertTruncated(byte[] compressed)
        {
            // An end chunk says nothing of the data before it.
            foreach (byte[] end in (byte[][])[[], Chunk("IEND", [])])
            {
                SeverityException error = Assert.Throws<SeverityException>(
                    () => XRayImage.Decode([.. file[..first], .. Chunk("IDAT", compressed), .. end]).Dispose());
                Assert.Equal(SeverityError.ImageTruncated, error.Code);
            }
        }
    }

    [Fact]
    public void Without_an_end_chunk_a_wrong_checksum_of_the_data_is_damage()
    {
        byte[] file = File.ReadAllBytes(Path.Combine(Folder, "gray-8-37x21.png"));
        byte[] data = [.. Chunks(file).Where(c => c.Type == "IDAT").SelectMany(c => c.Data)];
        data[^1] ^= 1;
        SeverityException error = Assert.Throws<SeverityException>(() => XRayImage.Decode(
            [.. file[..(file.AsSpan().IndexOf("IDAT"u8) - 4)], .. Chunk("IDAT", data)]).Dispose());
        Assert.Equal(SeverityError.ImageCorrupt, error.Code);
    }

    [Fact]
    public void There_is_a_sample_of_each_of_the_15_forms_with_and_without_interlace() =>
        Assert.Equal(30, Samples.Count(s => s.Data.EndsWith("-37x21", StringComparison.Ordinal)));

    static IEnumerable<(string Type, byte[] Data)> Chunks(byte[] file)
    {
        for (int at = 8; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            yield return (Encoding.ASCII.GetString(file, at + 4, 4), file[(at + 8)..(at + 8 + length)]);
            at += 12 + length;
        }
    }

    static byte[] Chunk(string type, byte[] data)
    {
        byte[] chunk = [0, 0, 0, 0, .. Encoding.ASCII.GetBytes(type), .. data, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(^4), Crc32.HashToUInt32(chunk.AsSpan(4..^4)));
        return chunk;
    }

    static void AssertPixels<T>(Npy<T> expected, int bits, XRayImage image) where T : unmanaged
    {
        Assert.Equal(bits, image.BitsPerSample);
        Assert.Equal(expected.Shape, (int[])[image.Height, image.Width]);
        Assert.Equal(expected.Values, MemoryMarshal.Cast<byte, T>(image.Pixels.Data).ToArray());
    }
}
