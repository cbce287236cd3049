using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Jpeg;

/// <summary>Files that are cut short, damaged or hostile.</summary>
[Collection(RunAlone.Name)]
public class JpegDamageTests
{
    [Theory]
    [InlineData("gray-17x19")]
    [InlineData("color-420-17x19")]
    [InlineData("color-420-restarts")]
    [InlineData("scans-three-scans-2x2")]
    [InlineData("scans-approximation-2x2")]
    [InlineData("cmyk")]
    public void A_jpeg_cut_short_anywhere_is_truncated(string name)
    {
        byte[] file = JpegSamples.Read(name);
        // The coded data's last byte may hold nothing but padding, and the end marker may be missing.
        for (int length = 2; length < file.Length - 3; length++)
            AssertRefused(SeverityError.ImageTruncated, file[..length]);
    }

    [Theory]
    [InlineData("gray-61x47")]
    [InlineData("color-420-70x45")]
    [InlineData("color-444-70x45")]
    public void An_end_marker_before_the_picture_is_whole_is_truncation(string name)
    {
        byte[] file = JpegSamples.Read(name);
        int data = JpegSamples.Find(file, 0xDA) + 14;
        for (int length = data; length < file.Length - 8; length += 7)
            AssertRefused(SeverityError.ImageTruncated, [.. file[..(file[length - 1] == 0xFF ? length - 1 : length)], 0xFF, 0xD9]);
    }

    [Fact]
    public void A_progressive_jpeg_that_lacks_scans_is_truncated()
    {
        byte[] file = JpegSamples.Read("scans-approximation-2x2");
        int last = file.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        AssertRefused(SeverityError.ImageTruncated, [.. file[..last], 0xFF, 0xD9]);
    }

    [Fact]
    public void Restart_markers_that_are_missing_or_out_of_order_are_corrupt()
    {
        byte[] file = JpegSamples.Read("color-444-restarts");
        int first = JpegSamples.Find(file, 0xD0), second = JpegSamples.Find(file, 0xD1);
        AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Remove(file, first, 2));
        AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Remove(file, first, second - first));
        AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, first, 0x55));
        AssertRefused(SeverityError.ImageTruncated, [.. file[..(first + 1)], 0xD9, .. file[(first + 2)..]]);
    }

    [Theory]
    [InlineData("color-420-70x45", 0xC4, "Huffman table")]
    [InlineData("color-420-70x45", 0xDB, "quantization table")]
    [InlineData("color-420-progressive", 0xC4, "Huffman table")]
    [InlineData("color-420-70x45", 0xC0, "before its frame header")]
    public void A_scan_without_its_tables_or_frame_is_corrupt(string name, int marker, string fault)
    {
        byte[] file = JpegSamples.Read(name);
        int at = JpegSamples.Find(file, marker);
        file = JpegSamples.Remove(file, at, 2 + (file[at + 2] << 8 | file[at + 3]));
        Assert.Contains(fault, AssertRefused(SeverityError.ImageCorrupt, file));
    }

    [Theory]
    [InlineData(16, 0xFF)] // more one-bit codes than there are
    [InlineData(1, 0x02)] // two segments' worth
    public void A_huffman_table_that_is_no_code_is_corrupt(int offset, byte value)
    {
        byte[] file = JpegSamples.Read("gray-17x19");
        file[JpegSamples.Find(file, 0xC4) + 4 + offset] = value;
        AssertRefused(SeverityError.ImageCorrupt, file);
    }

    [Fact]
    public void Codes_that_are_not_in_the_table_are_corrupt()
    {
        // All ones is no code of the standard's tables.
        byte[] file = JpegSamples.Read("gray-61x47");
        int data = JpegSamples.Find(file, 0xDA) + 10;
        for (int i = 0; i < 8; i += 2)
            (file[data + i], file[data + i + 1]) = (0xFF, 0x00);
        AssertRefused(SeverityError.ImageCorrupt, file);
    }

    [Fact]
    public void Scans_that_come_again_or_out_of_order_are_corrupt()
    {
        foreach (string name in (ReadOnlySpan<string>)["scans-approximation-1x1", "scans-three-scans-1x1", "scans-spectral-1x1"])
        {
            byte[] file = JpegSamples.Read(name);
            int[] scans = [.. Enumerable.Range(0, file.Length - 1).Where(i => file[i] == 0xFF && file[i + 1] == 0xDA), file.Length - 2];
            byte[] first = file[scans[0]..scans[1]];
            AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, scans[1], first));
        }
        byte[] progressive = JpegSamples.Read("scans-approximation-1x1");
        int scan = JpegSamples.Find(progressive, 0xDA);
        progressive[scan + 2 + progressive[scan + 3] - 1] = 0x32; // the first scan claims to refine
        Assert.Contains("out of order", AssertRefused(SeverityError.ImageCorrupt, progressive));
    }

    [Fact]
    public void A_large_claim_in_a_small_file_is_refused_before_memory_is_taken()
    {
        foreach (string name in (ReadOnlySpan<string>)["gray-61x47", "color-420-70x45", "color-420-progressive", "cmyk"])
        {
            byte[] file = JpegSamples.Read(name);
            int frame = Math.Max(JpegSamples.Find(file, 0xC0), JpegSamples.Find(file, 0xC2));
            (file[frame + 5], file[frame + 6], file[frame + 7], file[frame + 8]) = (0x27, 0x10, 0x27, 0x10); // 10,000 x 10,000
            long before = GC.GetAllocatedBytesForCurrentThread();
            AssertRefused(SeverityError.ImageTruncated, file);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        }
    }

    [Fact]
    public void More_scans_than_any_encoder_makes_are_refused()
    {
        byte[] file = JpegSamples.Read("scans-spectral-2x2");
        int[] scans = [.. Enumerable.Range(0, file.Length - 1).Where(i => file[i] == 0xFF && file[i + 1] == 0xDA), file.Length - 2];
        // The scan of Cb, which is not decoded, again and again.
        byte[] cb = [0xFF, 0xDA, 0, 8, 1, 2, 0, 1, 63, 0];
        Assert.Contains("out of order", AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, scans[^1], cb)));
        // Refinements of what is whole are out of order, so that a few scans are the most.
        byte[] many = [.. file[..scans[0]], .. Enumerable.Repeat(cb, 600).SelectMany(b => b), .. file[scans[0]..]];
        AssertRefused(SeverityError.ImageCorrupt, many);
        byte[] cmyk = JpegSamples.Read("cmyk");
        int scan = JpegSamples.Find(cmyk, 0xDA);
        many = [.. cmyk[..^2], .. Enumerable.Repeat(cmyk[scan..(scan + 20)], 600).SelectMany(b => b), 0xFF, 0xD9];
        Assert.Contains("100 scans", AssertRefused(SeverityError.ImageCorrupt, many));
    }

    [Theory]
    [InlineData(0xC3, "lossless")]
    [InlineData(0xC5, "hierarchical")]
    [InlineData(0xC9, "arithmetic")]
    public void Kinds_that_are_not_read_are_named(byte marker, string kind)
    {
        byte[] file = JpegSamples.Read("gray-17x19");
        file[JpegSamples.Find(file, 0xC0) + 1] = marker;
        Assert.Contains(kind, AssertRefused(SeverityError.ImageFormatUnsupported, file));
    }

    [Fact]
    public void Twelve_bits_and_a_height_to_come_are_named()
    {
        byte[] file = JpegSamples.Read("gray-17x19");
        int frame = JpegSamples.Find(file, 0xC0);
        file[frame + 4] = 12;
        Assert.Contains("12 bits", AssertRefused(SeverityError.ImageFormatUnsupported, file));
        file[frame + 4] = 8;
        file[frame + 6] = 0;
        Assert.Contains("height after its picture", AssertRefused(SeverityError.ImageFormatUnsupported, file));
    }

    static string AssertRefused(SeverityError code, byte[] file)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => XRayImage.Decode(file, "a.jpg").Dispose());
        Assert.Equal(code, error.Code);
        Assert.StartsWith("a.jpg: ", error.Message, StringComparison.Ordinal);
        return error.Message;
    }

    [Fact]
    public void What_no_array_can_hold_is_too_large_whatever_the_limits_are()
    {
        byte[] file = JpegSamples.Read("gray-17x19");
        int frame = JpegSamples.Find(file, 0xC0);
        file.AsSpan(frame + 5, 4).Fill(0xFF);
        ImageLimits limits = new() { MaxSide = int.MaxValue, MaxPixels = long.MaxValue, MaxFileBytes = long.MaxValue };
        SeverityException fault = Assert.Throws<SeverityException>(() => XRayImage.Decode(file, "large.jpg", limits));
        Assert.Equal(SeverityError.ImageTooLarge, fault.Code);
        Assert.Contains("65535 x 65535", fault.Message, StringComparison.Ordinal);
    }
}
