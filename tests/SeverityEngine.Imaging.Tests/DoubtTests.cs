using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests;

/// <summary>
/// Warnings that pictures of every format can have: colors, one value, few levels, a turn. make_doubts.py makes the samples, whose names
/// say what is expected.
/// </summary>
[Trait(InstructionSetTests.Trait, "yes")]
public class DoubtTests
{
    static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "images", "doubts");

    public static TheoryData<string> Samples => [.. Directory.EnumerateFiles(Folder).Select(f => Path.GetFileName(f)).Order()];

    /// <summary>Warnings of the file, other than of what its picture shows: colors, as most samples of decoders do, or one value.</summary>
    public static IEnumerable<string> Oddities(XRayImage image) =>
        image.Warnings.Where(w => !w.Contains("channels differ", StringComparison.Ordinal)
            && !w.Contains("all its pixels have one value", StringComparison.Ordinal));

    public static bool SaysColored(XRayImage image) =>
        image.Warnings.Any(w => w.Contains("whose channels differ; red alone is used", StringComparison.Ordinal));

    public static bool SaysOneValue(XRayImage image) =>
        image.Warnings.Any(w => w.Contains("all its pixels have one value", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_has_the_warning_that_its_name_says(string sample)
    {
        using XRayImage image = XRayImage.Load(Path.Combine(Folder, sample));
        string[] parts = sample.Split('.')[0].Split('-');
        string? expected = parts[0] switch
        {
            "far" => "a color picture or photograph, whose channels differ",
            "blank" => image.BitsPerSample == 16 ? "all its pixels have one value, 19789 of 65535"
                : "all its pixels have one value, 77 of 255",
            "dark" => $"its values use at most 4096 of 65536 levels (the largest is {sample.Split('.')[1]})",
            "turned" when parts[1] != "1" => $"its EXIF orientation, {parts[1]},",
            _ => null,
        };
        // A frame on a part of its screen is said to be one.
        string[] warnings = [.. image.Warnings.Where(w => !w.Contains("covers only a part", StringComparison.Ordinal))];
        if (expected is null)
        {
            Assert.Empty(warnings);
            return;
        }
        string warning = Assert.Single(warnings);
        Assert.Contains(sample + ": " + expected, warning);
        Assert.Equal(parts is ["blank", "alpha"], warning.Contains("alpha channel is ignored, and the picture may be in it"));
    }

    [Fact]
    public void There_are_samples_on_both_sides_of_the_threshold_in_every_format()
    {
        string[] far = [.. Names("far.")];
        Assert.Equal(far, Names("near."));
        foreach (string format in (string[])["jpg", "png", "bmp", "gif", "tga", "psd", "tiff", "ppm"])
            Assert.Contains(far, f => f.EndsWith(format, StringComparison.Ordinal));

        static IEnumerable<string> Names(string start) => Samples.Select(s => s.Data)
            .Where(s => s.StartsWith(start, StringComparison.Ordinal)).Select(s => s[start.Length..]);
    }

    [Theory]
    [InlineData(255, 6, true)]
    [InlineData(255, 5.99, false)]
    [InlineData(65_535, 6 * 257, true)]
    [InlineData(65_535, 6 * 257 - 0.01, false)]
    public void Channels_differ_from_6_levels_of_255_on_the_average(int maxValue, double distance, bool isLarge)
    {
        foreach (bool isThird in (bool[])[false, true])
        {
            foreach (int sign in (int[])[1, -1])
            {
                ChannelDifference difference = new(maxValue);
                Assert.False(difference.IsLarge);
                // As much on the average: pixels of the distance rounded down, and some of one more.
                for (int i = 0; i < 100; i++)
                {
                    int other = 100 + sign * ((int)distance + (i < Math.Round((distance - (int)distance) * 100) ? 1 : 0));
                    other += sign < 0 ? 3000 : 0;
                    int first = sign < 0 ? 3100 : 100;
                    difference.Add(first, isThird ? first : other, isThird ? other : first);
                }
                Assert.Equal(isLarge, difference.IsLarge);
            }
        }
    }

    [Fact]
    public void Every_17th_pixel_is_looked_at_however_they_come()
    {
        Random random = new(7);
        for (int most = 1; most < 40; most++)
        {
            ChannelDifference difference = new();
            List<int> seen = [];
            int at = 0;
            while (at < 1000)
            {
                int count = random.Next(most + 1);
                ChannelDifference.Sample sample = difference.Of(count);
                int before = seen.Count;
                foreach (int i in sample)
                    seen.Add(at + i);
                Assert.Equal(seen.Count - before, sample.Count);
                at += count;
            }
            Assert.Equal(Enumerable.Range(0, at).Where(i => i % 17 == 0), seen);
        }
    }

    /// <summary>Over every length, one pixel that is another at every place: none may be passed over.</summary>
    [Fact]
    public void One_pixel_of_another_value_is_enough_at_any_place()
    {
        for (int length = 1; length <= 100; length++)
        {
            for (int odd = -1; odd < length; odd++)
            {
                using XRayImage narrow = Picture<byte>(length, 8, 9, odd, 8), wide = Picture<ushort>(length, 16, 5000, odd, 4999);
                using XRayImage dark = Picture<ushort>(length, 16, 4095, odd, 4096), less = Picture<ushort>(length, 16, 4095, odd, 7);
                bool isBlank = odd < 0 || length == 1;
                foreach (XRayImage image in (XRayImage[])[narrow, wide, dark, less])
                    Assert.Equal(isBlank, SaysOneValue(image));
                Assert.Equal(isBlank, wide.Warnings.Count > 0);
                Assert.Equal(isBlank, dark.Warnings.Count > 0);
                Assert.Equal(!isBlank, less.Warnings.Any(w => w.Contains("4096 of 65536 levels", StringComparison.Ordinal)));
            }
        }

        static XRayImage Picture<T>(int length, int bits, T value, int odd, T other) where T : unmanaged
        {
            byte[] rented = FilePool.Rent(length * bits / 8);
            Span<T> pixels = MemoryMarshal.Cast<byte, T>(rented.AsSpan())[..length];
            pixels.Fill(value);
            if (odd >= 0)
                pixels[odd] = other;
            XRayImage image = new(rented, length, 1, bits, (1 << bits) - 1, "test");
            ImageDoubts.Add(image, "it");
            return image;
        }
    }

    /// <summary>PNG leaves JPEG's mark out, but not all writers do; a chunk that makes no sense says nothing.</summary>
    [Theory]
    [InlineData("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0", 3)]
    [InlineData("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0", 3)]
    [InlineData("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x01\0\0", 1)]
    [InlineData("MM\0*\xFF\xFF\xFF\xFF\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0", 1)]
    [InlineData("", 1)]
    public void Exif_is_read_with_and_without_its_mark(string metadata, int orientation) =>
        Assert.Equal(orientation, Exif.Orientation([.. metadata.Select(c => (byte)c)]));
}
