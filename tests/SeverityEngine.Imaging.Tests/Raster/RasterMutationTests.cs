using System.Buffers;

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

    static int ForEach(string format, Action<byte[], int> check)
    {
        byte[][] files = [.. RasterSamples.Whole.Concat(RasterSamples.Refused)
            .Where(s => s.EndsWith("." + format, StringComparison.Ordinal)).Select(RasterSamples.Read)];
        Assert.True(files.Length > 20);
        int seed = FuzzRun.Setting("SEVERITY_FUZZ_SEED", 1), iterations = FuzzRun.Iterations(10_000);
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
