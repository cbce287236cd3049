using System.Buffers;
using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Tiff;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Raster;

/// <summary>
/// Damaged files of every format but JPEG and PNG: each ends in a <see cref="SeverityException"/>, or in a picture of which every pixel was
/// written from the file. SEVERITY_FUZZ_ITERATIONS sets how many there are of each format (a soak runs a million), SEVERITY_FUZZ_SEED where
/// they start.
/// </summary>
public class RasterMutationTests
{
    /// <summary>Small, so that a damaged header that asks for a large picture costs no time.</summary>
    static readonly ImageLimits s_limits = new() { MaxPixels = 1 << 18, MaxSide = 4096 };

    [Theory]
    [InlineData("bmp")]
    [InlineData("gif")]
    [InlineData("tga")]
    [InlineData("psd")]
    [InlineData("pgm")]
    [InlineData("ppm")]
    [InlineData("tiff")]
    public void A_damaged_file_is_refused_or_every_pixel_comes_from_it(string format)
    {
        int read = 0, count = ForEach(format, (file, at) =>
        {
            using XRayImage? image = Decode(file, format, at);
            if (image is null)
                return;
            read++;
            // Memory that is rented next holds what is put there now; a pixel that nobody writes would show it.
            byte[] pixels = image.Pixels.Data.ToArray();
            foreach (byte poison in (byte[])[0xA5, 0x5A])
            {
                byte[] rented = ArrayPool<byte>.Shared.Rent(pixels.Length);
                rented.AsSpan().Fill(poison);
                ArrayPool<byte>.Shared.Return(rented);
                using XRayImage? again = Decode(file, format, at);
                Assert.True(again is not null && again.Pixels.Data.SequenceEqual(pixels), $"seed {at}: pixels that are not in the file");
            }
        });
        // Were all read or none, the damage would be too fine or too coarse to show anything.
        Assert.InRange(read, count / 100, count * 9 / 10);
    }

    /// <summary>giflib reads the whole file, as strictly as any reader does.</summary>
    [Fact]
    public void What_giflib_refuses_is_refused_and_what_is_read_is_what_giflib_reads()
    {
        GifLibrary.SkipWhereMissing();
        foreach (string sample in RasterSamples.Whole.Where(s => s.EndsWith(".gif", StringComparison.Ordinal)))
            Compare(RasterSamples.Read(sample), sample);
        int read = 0;
        ForEach("gif", (file, at) => read += Compare(file, $"seed {at}") ? 1 : 0);
        Assert.True(read > 0);

        static bool Compare(byte[] file, string name)
        {
            using XRayImage? image = Decode(file, name, 0);
            if (image is null)
                return false;
            GifLibrary.Frame frame = GifLibrary.ReadFirst(file) ?? throw new InvalidOperationException($"{name}: giflib refuses it");
            for (int y = 0; y < frame.Height; y++)
            {
                Assert.True(image.Pixels.Data.Slice((frame.Top + y) * image.Width + frame.Left, frame.Width)
                    .SequenceEqual(frame.Reds.AsSpan(y * frame.Width, frame.Width)), $"{name}: row {y} is not what giflib reads");
            }
            return true;
        }
    }

    /// <summary>
    /// What libtiff reads of a damaged file, it reads as the engine does. It is the more lenient reader: what it refuses to show is of more
    /// than 8 bits but not 16, or has other things wrong that its picture does not depend on.
    /// </summary>
    [Fact]
    public void What_is_read_of_a_damaged_TIFF_is_what_libtiff_reads()
    {
        TiffLibrary.SkipWhereMissing();
        using TemporaryFolder folder = new();
        string path = folder["x.tiff"];
        int same = 0, refused = 0;
        foreach (string sample in RasterSamples.Whole.Where(s => s.EndsWith(".tiff", StringComparison.Ordinal)))
            Compare(RasterSamples.Read(sample), sample, 0);
        Assert.InRange(same, 80, int.MaxValue);
        ForEach("tiff", (file, at) => Compare(file, "x", at), 2_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"{same} alike, {refused} that libtiff refuses");
        Assert.True(same > 10 * refused, $"{same} alike, {refused} that libtiff refuses");

        void Compare(byte[] file, string name, int seed)
        {
            using XRayImage? image = Decode(file, name, seed);
            // libtiff turns pictures, takes alpha for transparency, small copies for pages, and rounds JPEG's colors in its own way.
            bool areBetween = image is { BitsPerSample: 16, MaxValue: < ushort.MaxValue };
            if (image is null || image.HasAlpha || areBetween || IsOdd(file, image, name))
                return;
            File.WriteAllBytes(path, file);
            byte[]? reds = TiffLibrary.ReadReds(path, image.Width, image.Height);
            if (reds is null)
            {
                refused++;
                return;
            }
            same++;
            ReadOnlySpan<byte> pixels = image.Pixels.Data;
            for (int i = 0; i < reds.Length; i++)
            {
                // Of 16 bits, libtiff takes the upper ones, or rounds.
                int red = image.BitsPerSample == 8 ? pixels[i] : MemoryMarshal.Cast<byte, ushort>(pixels)[i] >> 8;
                Assert.True(Math.Abs(red - reds[i]) <= (image.BitsPerSample == 8 ? 0 : 1), $"{name}, seed {seed}: pixel {i}");
            }
        }

        // libtiff's own rows of 16-bit gray are shifted in the tiles at the right.
        static bool IsOdd(byte[] file, XRayImage image, string name) => image.BitsPerSample == 16
                && TiffDirectory.ReadFirstPage(new TiffBytes(file, name), out _).Find(TiffTag.TileOffsets) is not null
            || name.Contains("small-copy", StringComparison.Ordinal)
            || image.Warnings.Any(w => w.Contains("orientation", StringComparison.Ordinal))
            || file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) >= 0
            || file.AsSpan().IndexOf((ReadOnlySpan<byte>)[254, 0, 4, 0, 1]) >= 0;
    }

    static int ForEach(string format, Action<byte[], int> check, int usual = 10_000)
    {
        byte[][] files = [.. RasterSamples.Whole.Concat(RasterSamples.Refused)
            .Where(s => s.EndsWith("." + format, StringComparison.Ordinal)).Select(RasterSamples.Read)];
        Assert.True(files.Length > 20);
        int seed = FuzzRun.Setting("SEVERITY_FUZZ_SEED", 1), iterations = FuzzRun.Iterations(usual);
        for (int i = 0; i < iterations; i++)
        {
            Random random = new(seed + i);
            check(Damage(files[random.Next(files.Length)], files[random.Next(files.Length)], random), seed + i);
        }
        return iterations;
    }

    static XRayImage? Decode(byte[] file, string name, int seed)
    {
        try
        {
            return XRayImage.Decode(file, name, s_limits);
        }
        catch (SeverityException e)
        {
            Assert.True(e.Code is >= SeverityError.ImageFormatUnknown and <= SeverityError.ImageCorrupt or SeverityError.FileEmpty,
                $"seed {seed}: {e.Code}");
            return null;
        }
        catch (Exception e)
        {
            Assert.Fail($"{name}, seed {seed}: {e}");
            throw;
        }
    }

    static byte[] Damage(byte[] original, byte[] other, Random random)
    {
        byte[] bytes = [.. original];
        for (int changes = random.Next(1, 4); changes > 0 && bytes.Length > 0; changes--)
        {
            // Headers are where the decisions are, so half of the changes fall there.
            int at = random.Next(2) == 0 ? random.Next(bytes.Length) : random.Next(Math.Min(bytes.Length, 64));
            int end = Math.Min(bytes.Length, at + random.Next(1, 40));
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes[at] += (byte)(random.Next(2) == 0 ? 1 : -1);
                    break;
                case 3:
                    bytes = bytes[..at];
                    break;
                case 4:
                    bytes.AsSpan(at..end).Clear();
                    break;
                case 5:
                    bytes = [.. bytes[..at], .. bytes[end..]];
                    break;
                case 6:
                    bytes = [.. bytes[..end], .. bytes[at..]];
                    break;
                default:
                    int from = random.Next(other.Length);
                    bytes = [.. bytes[..at], .. other[from..Math.Min(other.Length, from + random.Next(1, 100))], .. bytes[at..]];
                    break;
            }
        }
        return bytes;
    }
}
