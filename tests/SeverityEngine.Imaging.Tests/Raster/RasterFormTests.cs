using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Raster;

/// <summary>Every form of BMP, GIF, TGA, PSD, PGM, PPM and TIFF that is read, and what is refused.</summary>
public partial class RasterFormTests
{
    const int LargestTile = 64 * 48;

    public static TheoryData<string> Whole => [.. RasterSamples.Whole];

    public static TheoryData<string> Refused => [.. RasterSamples.Refused];

    [Theory]
    [MemberData(nameof(Whole))]
    public void Channel_0_is_what_was_put_in(string sample)
    {
        string path = Path.Combine(RasterSamples.Folder, sample);
        using XRayImage image = XRayImage.Load(path);
        if (image.BitsPerSample == 16)
            AssertPixels(Npy<ushort>.Load(path + ".npy"), image);
        else
            AssertPixels(Npy<byte>.Load(path + ".npy"), image);
        int most = WhitePattern().Match(sample) is { Success: true } white
            ? int.Parse(white.Groups[1].Value, CultureInfo.InvariantCulture) : (1 << image.BitsPerSample) - 1;
        Assert.Equal(most, image.MaxValue);
        Assert.Equal(Path.GetExtension(sample)[1..], image.Format, ignoreCase: true);
        Assert.Equal(IsOdd(sample), DoubtTests.Oddities(image).Any());
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_damaged_or_ambiguous_is_refused_by_the_right_name(string sample)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => XRayImage.Decode(RasterSamples.Read(sample), sample).Dispose());
        Assert.Equal(Path.GetFileName(sample).Split('.')[0] switch
        {
            "truncated" => SeverityError.ImageTruncated,
            "corrupt" => SeverityError.ImageCorrupt,
            _ => SeverityError.ImageFormatUnsupported,
        }, error.Code);
        Assert.StartsWith(sample + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(error.Code == SeverityError.ImageFormatUnsupported ? "PNG" : "; copy or export it again", error.Message);
        Assert.DoesNotContain(" -", error.Message);
    }

    [Theory]
    [InlineData("unsupported.no-merged-picture.psd", "save it with Maximize Compatibility, or as PNG")]
    [InlineData("unsupported.frame-larger-than-screen.gif", "reaches beyond its screen of 25 x 19")]
    [InlineData("truncated.one-pixel-missing.gif", "its compressed data end at pixel 666 of 667")]
    [InlineData("corrupt.index-beyond-palette.bmp", "names a color beyond its palette of 100")]
    [InlineData("corrupt.raw-word-above-max.pgm", "it has a sample of 4095, and its header says that 4094 is full white")]
    [InlineData("corrupt.raw-crlf-header.ppm", "1 bytes too many stand before or after its 2001 samples")]
    [InlineData("truncated.plain-last-number-open.pgm", "a number is not there, or not ended, at its last byte")]
    public void A_message_names_the_fault_or_the_remedy(string sample, string part)
    {
        sample = Assert.Single(RasterSamples.Refused, s => Path.GetFileName(s) == sample);
        SeverityException error = Assert.Throws<SeverityException>(() => XRayImage.Decode(RasterSamples.Read(sample), sample).Dispose());
        Assert.Contains(part, error.Message);
    }

    /// <summary>A byte may be all that is missing: what was decoded up to there is no X-ray. Padding at the end may be missing.</summary>
    [Theory]
    [MemberData(nameof(Whole))]
    public void A_file_cut_at_any_byte_is_refused_or_has_lost_no_pixel(string sample)
    {
        byte[] file = RasterSamples.Read(sample);
        using XRayImage whole = XRayImage.Decode(file, sample);
        int read = 0;
        for (int length = 0; length < file.Length; length++)
        {
            try
            {
                using XRayImage cut = XRayImage.Decode(file.AsSpan(0, length), sample);
                Assert.True(cut.Pixels.Data.SequenceEqual(whole.Pixels.Data), $"cut at {length} of {file.Length}");
                read++;
            }
            catch (SeverityException)
            {
            }
        }
        // A row's padding, a TGA's footer, or what follows the picture with a warning.
        Assert.InRange(read, 0, IsOdd(sample) ? file.Length / 2 : sample.EndsWith(".tga", StringComparison.Ordinal) ? 26 : 3);
    }

    /// <summary>A GIF of 50 KB asks for a screen of 100 megapixels: it costs a byte for each.</summary>
    [Fact]
    public void A_small_frame_on_a_large_screen_costs_a_byte_a_pixel()
    {
        byte[] gif = RasterSamples.Read(Path.Combine("raster-refused", "unsupported.nearly-empty-screen.gif"));
        // A comment of 40,000 bytes: enough that a whole picture is possible.
        byte[] comment = [0x21, 0xFE, .. Enumerable.Range(0, 160).SelectMany(_ => (byte[])[250, .. new byte[250]]), 0];
        byte[] large = [.. gif[..^1], .. comment, gif[^1]];
        long before = GC.GetAllocatedBytesForCurrentThread();
        using (XRayImage image = XRayImage.Decode(large))
        {
            Assert.Equal((9000, 9000), (image.Width, image.Height));
            Assert.Single(DoubtTests.Oddities(image));
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 140 << 20); // the pool's sizes are powers of two
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void Limits_hold_for_every_form(string sample)
    {
        byte[] file = RasterSamples.Read(sample);
        using XRayImage image = XRayImage.Decode(file, sample);
        int pixels = image.Width * image.Height;
        // The result, a copy of the file where it is put together anew, and what decoding a JPEG or StbImageSharp takes.
        ImageLimits enough = new()
        {
            MaxPixels = Math.Max(pixels, LargestTile),
            MaxSide = Math.Max(Math.Max(image.Width, image.Height), LargestTile),
            Gate = new BoundedMemory(10L * pixels + 2 * file.Length + 4096),
        };
        XRayImage.Decode(file, sample, enough).Dispose();
        foreach (ImageLimits few in (ImageLimits[])[
            new ImageLimits { MaxPixels = pixels - 1 }, new ImageLimits { MaxSide = Math.Max(image.Width, image.Height) - 1 }])
        {
            SeverityException error = Assert.Throws<SeverityException>(() => XRayImage.Decode(file, sample, few).Dispose());
            Assert.Equal(SeverityError.ImageTooLarge, error.Code);
        }
    }

    [Fact]
    public void Few_bytes_that_ask_for_much_are_refused_before_memory_is_taken()
    {
        string[] samples = [.. RasterSamples.Refused.Where(s => s.Contains("large-for-its", StringComparison.Ordinal))];
        Assert.True(samples.Length > 5);
        foreach (string sample in samples)
        {
            ImageLimits none = new() { Gate = new BoundedMemory(0) };
            SeverityException error = Assert.Throws<SeverityException>(
                () => XRayImage.Decode(RasterSamples.Read(sample), sample, none).Dispose());
            Assert.Equal(SeverityError.ImageTruncated, error.Code);
        }
    }

    static bool IsOdd(string sample) =>
        sample.Contains("part-of-screen", StringComparison.Ordinal) || sample.Contains("odd-", StringComparison.Ordinal);

    [GeneratedRegex(@"max(\d+)")]
    private static partial Regex WhitePattern();

    static void AssertPixels<T>(Npy<T> expected, XRayImage image) where T : unmanaged
    {
        Assert.Equal(expected.Shape, (int[])[image.Height, image.Width]);
        Assert.Equal(expected.Values, MemoryMarshal.Cast<byte, T>(image.Pixels.Data).ToArray());
    }
}
