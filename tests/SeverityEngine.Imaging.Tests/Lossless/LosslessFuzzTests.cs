using System.Diagnostics;
using System.Globalization;
using SeverityEngine.Imaging.Codecs;

namespace SeverityEngine.Imaging.Tests.Lossless;

/// <summary>
/// Damaged samples end in a picture or in a <see cref="SeverityException"/>. SEVERITY_FUZZ_ITERATIONS sets how many are tried.
/// </summary>
public class LosslessFuzzTests
{
    [Fact]
    public void Damaged_files_are_read_or_refused_and_nothing_else()
    {
        string? asked = Environment.GetEnvironmentVariable("SEVERITY_FUZZ_ITERATIONS");
        int iterations = int.TryParse(asked, CultureInfo.InvariantCulture, out int set) ? set : 10_000;
        (string Name, byte[] File)[] samples = [.. LosslessSamples.Names.Select(name => (name, LosslessSamples.Read(name)))];
        ImageLimits limits = new() { MaxPixels = 1_000_000 };
        int read = 0, refused = 0;
        for (int i = 0; i < iterations; i++)
        {
            Random random = new(i);
            (string name, byte[] file) = samples[random.Next(samples.Length)];
            file = Damage(samples, file, random);
            Stopwatch watch = Stopwatch.StartNew();
            try
            {
                using CodecFrame frame = LosslessSamples.Decode(name, file, limits);
                Assert.Equal(frame.Header.Width * frame.Header.Height, frame.Plane(frame.Header.Components - 1).Length);
                read++;
            }
            catch (SeverityException e)
            {
                Assert.True(
                    e.Code is >= SeverityError.ImageFormatUnsupported and <= SeverityError.ImageCorrupt, $"iteration {i}: {e.Code}");
                refused++;
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"iteration {i}: {name}: {e}");
            }
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(3), $"iteration {i}: {watch.Elapsed}");
        }
        // Were all refused or none, the damage would be too coarse or too fine to reach far.
        Assert.True(iterations < 1_000 || (read > iterations / 50 && refused > iterations / 20), $"{read} read, {refused} refused");
    }

    static byte[] Damage((string Name, byte[] File)[] samples, byte[] file, Random random)
    {
        file = [.. file];
        int times = random.Next(1, 5);
        for (int i = 0; i < times && file.Length > 4; i++)
        {
            int at = random.Next(2, file.Length), count = Math.Min(random.Next(1, 20), file.Length - at);
            switch (random.Next(9))
            {
                case 0:
                    file = [.. file[..at], .. file[(at + count)..]];
                    break;
                case 1:
                    byte[] other = samples[random.Next(samples.Length)].File;
                    int from = random.Next(other.Length);
                    file = LosslessSamples.Insert(
                        file, at, [.. other.AsSpan(from, Math.Min(random.Next(1, 400), other.Length - from))]);
                    break;
                case 2:
                    file = file[..at];
                    break;
                case 3:
                    file[at] = random.Next(4) switch { 0 => 0, 1 => 0xFF, 2 => 0x7F, _ => 1 };
                    break;
                case 4 or 5:
                    // In the headers, where it tells most.
                    file[random.Next(2, Math.Min(file.Length, 90))] = (byte)random.Next(256);
                    break;
                case 6:
                    file = LosslessSamples.Insert(file, at, 0xFF, (byte)random.Next(0xC0, 0xF9));
                    break;
                default:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }
        return file;
    }
}
