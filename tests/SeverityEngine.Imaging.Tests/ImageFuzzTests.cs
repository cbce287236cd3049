using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Hashing;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests;

/// <summary>
/// Damaged files of every format. SEVERITY_FUZZ_ITERATIONS sets how many (a soak runs millions), SEVERITY_FUZZ_SEED where they start.
/// </summary>
public class ImageFuzzTests
{
    /// <summary>Far above what any file here takes, far below a loop without end.</summary>
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "images");

    [Fact]
    public void Damaged_files_of_every_format_are_decoded_or_refused_but_nothing_else()
    {
        (string Name, byte[] Bytes)[] files =
            [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Where(f => !f.EndsWith(".npy", StringComparison.Ordinal)).Select(
                f => (Path.GetRelativePath(Folder, f), File.ReadAllBytes(f)))];
        Assert.True(files.Length > 50);
        int seed = FuzzRun.Setting("SEVERITY_FUZZ_SEED", 1), iterations = FuzzRun.Iterations(20_000);
        // Small limits, so that a damaged header that asks for a large picture costs no time.
        ImageLimits limits = new() { MaxPixels = 1 << 20, MaxSide = 4096 };
        int refused = 0;
        for (int i = 0; i < iterations; i++)
        {
            Random random = new(seed + i);
            (string name, byte[] original) = files[random.Next(files.Length)];
            byte[] damaged = Damage(original, files[random.Next(files.Length)].Bytes, random);
            if (name.EndsWith(".png", StringComparison.Ordinal) && random.Next(4) > 0)
                MendChecksums(damaged); // else nearly all would end there
            long start = Stopwatch.GetTimestamp();
            try
            {
                using XRayImage image = XRayImage.Decode(damaged, name, limits);
                Assert.InRange(image.Width, 1, limits.MaxSide);
                Assert.InRange(image.Height, 1, limits.MaxSide);
                Assert.Equal((long)image.Width * image.Height * image.BitsPerSample / 8, image.Pixels.Data.Length);
            }
            catch (SeverityException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed + i}, {name}: {e}");
            }
            Assert.True(Stopwatch.GetElapsedTime(start) < s_patience, $"seed {seed + i}, {name}: took {Stopwatch.GetElapsedTime(start)}");
        }
        Assert.InRange(refused, iterations / 10, iterations);
    }

    static byte[] Damage(byte[] original, byte[] other, Random random)
    {
        byte[] bytes = [.. original];
        for (int changes = random.Next(1, 6); changes > 0; changes--)
        {
            // Headers are where the decisions are, so half of the changes fall there.
            int at = random.Next(2) == 0 ? random.Next(bytes.Length) : random.Next(Math.Min(bytes.Length, 64));
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes[at] = random.Next(2) == 0 ? (byte)0 : (byte)255;
                    break;
                case 3:
                    bytes = bytes[..Math.Max(1, at)];
                    break;
                case 4: // a piece again
                    bytes = [.. bytes[..at], .. bytes[(at / 2)..]];
                    break;
                case 5: // a piece less
                    bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 40))..]];
                    break;
                default: // a piece of another file
                    int from = random.Next(other.Length);
                    bytes = [.. bytes[..at], .. other[from..Math.Min(other.Length, from + random.Next(1, 100))], .. bytes[at..]];
                    break;
            }
            if (bytes.Length == 0)
                return bytes;
        }
        return bytes;
    }

    static void MendChecksums(byte[] png)
    {
        for (int at = 8; at + 12 <= png.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at));
            if (length > png.Length - at - 12)
                return;
            Span<byte> checkedPart = png.AsSpan(at + 4, 4 + (int)length);
            BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(at + 8 + (int)length), Crc32.HashToUInt32(checkedPart));
            at += 12 + (int)length;
        }
    }
}
