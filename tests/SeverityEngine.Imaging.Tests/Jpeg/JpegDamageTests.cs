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
    [InlineData("ycck-subsampled-progressive")]
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
    [InlineData("cmyk")]
    [InlineData("ycck-subsampled")]
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
        Assert.Contains("another scan", AssertRefused(SeverityError.ImageCorrupt,
            JpegSamples.Insert(cmyk, cmyk.Length - 2, cmyk.AsSpan()[scan..^2])));
    }

    [Theory]
    [InlineData("color-420-70x45", 0xDB)]
    [InlineData("color-420-70x45", 0xC4)]
    [InlineData("color-420-progressive", 0xDA)]
    [InlineData("color-420-70x45", 0xD9)]
    [InlineData("scans-approximation-restarts", 0xD9)]
    public void Bytes_that_belong_to_nothing_are_corrupt(string name, int before)
    {
        byte[] file = JpegSamples.Read(name);
        int at = file.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, (byte)before]);
        AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, at, 1));
        AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, at, 1, 2, 3));
        AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, at, 0xFF, 0)); // FF, stuffed
    }

    /// <summary>A sector of a disk that was never written: what is decoded behind it is another picture.</summary>
    [Fact]
    public void Sectors_of_zeros_are_never_a_picture()
    {
        int tried = 0;
        foreach (string name in JpegSamples.Names)
        {
            byte[] file = JpegSamples.Read(name);
            for (int sector = 512; sector + 512 <= file.Length; sector += 512, tried++)
            {
                byte[] zeroed = [.. file];
                zeroed.AsSpan(sector, 512).Clear();
                SeverityException error = Assert.Throws<SeverityException>(() => XRayImage.Decode(zeroed, name).Dispose());
                Assert.True(error.Code is SeverityError.ImageCorrupt or SeverityError.ImageTruncated, error.Message);
            }
        }
        Assert.True(tried > 300, $"{tried}");
    }

    /// <summary>64 blocks of 191 zeros: in the standard's codes each has 63 times the coefficient -1, and nothing is left over.</summary>
    [Fact]
    public void Zeros_that_come_out_even_are_no_picture()
    {
        byte[] file = JpegSamples.Read("gray-61x47");
        int frame = JpegSamples.Find(file, 0xC0), scan = JpegSamples.Find(file, 0xDA);
        (file[frame + 5], file[frame + 6], file[frame + 7], file[frame + 8]) = (0, 8, 2, 0);
        byte[] zeros = [.. file[..(scan + 10)], .. new byte[64 * 191 / 8], 0xFF, 0xD9];
        Assert.Contains("64 zeros or more", AssertRefused(SeverityError.ImageCorrupt, zeros));
    }

    [Theory]
    [InlineData("color-444-restarts")]
    [InlineData("gray-restarts")]
    [InlineData("scans-three-restarts")]
    [InlineData("scans-approximation-restarts")]
    [InlineData("cmyk-restarts")]
    public void Restart_markers_that_are_swapped_or_where_none_belong_are_corrupt(string name)
    {
        byte[] file = JpegSamples.Read(name);
        int[] restarts = [.. Enumerable.Range(0, file.Length - 1).Where(i => file[i] == 0xFF && file[i + 1] is >= 0xD0 and <= 0xD7)];
        byte[] swapped = [.. file];
        (swapped[restarts[0] + 1], swapped[restarts[1] + 1]) = (file[restarts[1] + 1], file[restarts[0] + 1]);
        AssertRefused(SeverityError.ImageCorrupt, swapped);
        int interval = JpegSamples.Find(file, 0xDD);
        AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Remove(file, interval, 6));
        byte afterNext = (byte)(0xD0 + (file[restarts[^1] + 1] + 2 & 7));
        AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, file.Length - 2, 0xFF, afterNext));
        AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, interval, 0xFF, 0xD0));
    }

    [Fact]
    public void A_run_of_empty_blocks_that_outlasts_its_scan_is_corrupt()
    {
        // The last scan is of one band; a height that is less leaves over what the run has more.
        byte[] file = JpegSamples.Read("progressive-flat");
        int frame = JpegSamples.Find(file, 0xC2);
        file[frame + 6] -= 8;
        AssertRefused(SeverityError.ImageCorrupt, file);
    }

    [Fact]
    public void Fields_that_no_encoder_writes_are_corrupt()
    {
        byte[] file = JpegSamples.Read("color-420-70x45");
        AssertCorrupt(JpegSamples.Find(file, 0xDB) + 20, 0, "has a zero");
        AssertCorrupt(JpegSamples.Find(file, 0xDA) + 11, 1, "coefficients 1 to 63");
        AssertCorrupt(JpegSamples.Find(file, 0xDA) + 12, 62, "coefficients 0 to 62");
        AssertCorrupt(JpegSamples.Find(file, 0xDA) + 13, 1, "bits 0 to 1");
        AssertCorrupt(JpegSamples.Find(file, 0xDA) + 5, 2, "out of order");
        AssertCorrupt(JpegSamples.Find(file, 0xE0) + 9, 2, "JFIF segment claims version 2");
        AssertCorrupt(JpegSamples.Find(file, 0xE0) + 1, 0xF0, "F0");
        byte[] adobe = JpegSamples.Read("adobe-ycbcr");
        adobe[JpegSamples.Find(adobe, 0xEE) + 15] = 7;
        Assert.Contains("color transform 7", AssertRefused(SeverityError.ImageCorrupt, adobe));

        void AssertCorrupt(int at, byte value, string fault)
        {
            byte[] changed = [.. file];
            changed[at] = value;
            Assert.Contains(fault, AssertRefused(SeverityError.ImageCorrupt, changed));
        }
    }

    [Fact]
    public void A_second_picture_in_the_first_is_corrupt()
    {
        byte[] file = JpegSamples.Read("color-420-70x45");
        int frame = JpegSamples.Find(file, 0xC0), scan = JpegSamples.Find(file, 0xDA);
        byte[] header = file[frame..(frame + 19)];
        Assert.Contains("D8", AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, frame, 0xFF, 0xD8)));
        Assert.Contains("D8", AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, file.Length - 2, 0xFF, 0xD8)));
        Assert.Contains("two frame headers", AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, scan, header)));
        Assert.Contains("two frame headers", AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, file.Length - 2, header)));
    }

    [Fact]
    public void A_height_that_comes_again_must_be_the_same()
    {
        byte[] file = JpegSamples.Read("color-420-70x45");
        using (XRayImage image = XRayImage.Decode(JpegSamples.Insert(file, file.Length - 2, 0xFF, 0xDC, 0, 4, 0, 45)))
            JpegSamples.AssertExpected("color-420-70x45", image);
        AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, file.Length - 2, 0xFF, 0xDC, 0, 4, 0, 44));
        AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, JpegSamples.Find(file, 0xDA), 0xFF, 0xDC, 0, 4, 0, 45));
    }

    /// <summary>Cb does not change channel 0, but a file that is damaged there may be damaged anywhere.</summary>
    [Theory]
    [InlineData("scans-three-scans-1x1")]
    [InlineData("scans-approximation-1x1")]
    public void Damage_in_a_scan_of_cb_alone_is_damage(string name)
    {
        byte[] file = JpegSamples.Read(name);
        int scan = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA, 0, 8, 1, 2]);
        file.AsSpan(scan + 60, 40).Clear();
        AssertRefused(SeverityError.ImageCorrupt, file);
    }

    [Fact]
    public void Segments_after_the_picture_are_checked()
    {
        byte[] file = JpegSamples.Read("color-420-70x45");
        AssertRefused(SeverityError.ImageTruncated, [.. file[..^2], 0xFF, 0xE1, 0xFF, 0xFF, 1]);
        AssertRefused(SeverityError.ImageCorrupt, JpegSamples.Insert(file, file.Length - 2, 0xFF, 0xDB, 0, 5, 9, 9, 9));
    }

    [Theory]
    [InlineData(0xC3, "lossless")]
    [InlineData(0xC5, "hierarchical")]
    [InlineData(0xC9, "arithmetic")]
    [InlineData(0xDE, "hierarchical")]
    [InlineData(0xF7, "JPEG-LS")]
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
