using SeverityEngine.Imaging.Codecs;

namespace SeverityEngine.Imaging.Tests.Lossless;

/// <summary>Damaged samples end in a picture or in a <see cref="SeverityException"/>.</summary>
public class LosslessFuzzTests
{
    [Fact]
    public void Damaged_files_are_read_or_refused_and_nothing_else()
    {
        (string Name, byte[] File)[] samples = [.. LosslessSamples.Names.Select(name => (name, LosslessSamples.Read(name)))];
        ImageLimits limits = new() { MaxPixels = 1_000_000 };
        FuzzRun.AssertReachesFar(
            FuzzRun.Each(10_000, TimeSpan.FromSeconds(3), SeverityError.ImageFormatUnsupported, i =>
            {
                Random random = new(i);
                (string name, byte[] file) = samples[random.Next(samples.Length)];
                using CodecFrame frame = LosslessSamples.Decode(name, Damage(samples, file, random), limits);
                Assert.Equal(frame.Header.Width * frame.Header.Height, frame.Plane(frame.Header.Components - 1).Length);
            }),
            readPart: 50);
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
