using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Jpeg2000;

namespace SeverityEngine.Imaging.Tests.Jpeg2000;

/// <summary>Damaged samples end in a picture or in a <see cref="SeverityException"/>.</summary>
public class Jpeg2000FuzzTests
{
    [Fact]
    public void Damaged_files_are_read_or_refused_and_nothing_else()
    {
        byte[][] samples = [.. Jpeg2000Samples.Names.Select(Jpeg2000Samples.Read).Where(file => file.Length < 10_000)];
        ImageLimits limits = new() { MaxPixels = 100_000 };
        FuzzRun.AssertReachesFar(
            FuzzRun.Each(10_000, TimeSpan.FromSeconds(1), SeverityError.ImageFormatUnsupported, i =>
            {
                using CodecFrame frame = Jpeg2000Decoder.Decode(Damage(samples, new Random(i)), "fuzzed", limits);
                Assert.Equal(frame.Header.Width * frame.Header.Height, frame.Plane(frame.Header.Components - 1).Length);
            }),
            readPart: 50);
    }

    static byte[] Damage(byte[][] samples, Random random)
    {
        byte[] file = [.. samples[random.Next(samples.Length)]];
        int times = random.Next(1, 5);
        for (int i = 0; i < times && file.Length > 4; i++)
        {
            int at = random.Next(2, file.Length), count = Math.Min(random.Next(1, 20), file.Length - at);
            switch (random.Next(8))
            {
                case 0:
                    file = [.. file[..at], .. file[(at + count)..]];
                    break;
                case 1:
                    byte[] other = samples[random.Next(samples.Length)];
                    int from = random.Next(other.Length);
                    file = [.. file[..at], .. other.AsSpan(from, Math.Min(random.Next(1, 400), other.Length - from)), .. file[at..]];
                    break;
                case 2:
                    file = file[..at];
                    break;
                case 3:
                    file[at] = random.Next(4) switch { 0 => 0, 1 => 0xFF, 2 => 0x7F, _ => 1 };
                    break;
                case 4:
                case 5:
                    // In the headers, where it tells most.
                    file[random.Next(2, Math.Min(file.Length, 150))] = (byte)random.Next(256);
                    break;
                default:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }
        return file;
    }
}
