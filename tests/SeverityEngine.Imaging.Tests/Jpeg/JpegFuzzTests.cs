namespace SeverityEngine.Imaging.Tests.Jpeg;

/// <summary>Damaged samples end in a picture or in a <see cref="SeverityException"/>.</summary>
public class JpegFuzzTests
{
    [Fact]
    public void Damaged_files_are_read_or_refused_and_nothing_else()
    {
        byte[][] samples = [.. JpegSamples.Names.Select(JpegSamples.Read)];
        ImageLimits limits = new() { MaxPixels = 1_000_000 };
        FuzzRun.AssertReachesFar(
            FuzzRun.Each(3_000, TimeSpan.FromSeconds(30), SeverityError.ImageFormatUnknown, i =>
            {
                using XRayImage image = XRayImage.Decode(Damage(samples, new Random(i)), "fuzzed", limits);
                Assert.Equal(image.Width * image.Height, image.Pixels.Data.Length);
            }),
            readPart: 20);
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
                    file = JpegSamples.Remove(file, at, count);
                    break;
                case 1:
                    byte[] other = samples[random.Next(samples.Length)];
                    int from = random.Next(other.Length);
                    file = JpegSamples.Insert(file, at, other.AsSpan(from, Math.Min(random.Next(1, 400), other.Length - from)));
                    break;
                case 2:
                    file = file[..at];
                    break;
                case 3:
                    file[at] = random.Next(4) switch { 0 => 0, 1 => 0xFF, 2 => 0x7F, _ => 1 };
                    break;
                case 4:
                    // In the headers, where it tells most.
                    file[random.Next(2, Math.Min(file.Length, 700))] = (byte)random.Next(256);
                    break;
                case 5:
                    file = JpegSamples.Insert(file, at, 0xFF, (byte)random.Next(0xC0, 0xF0));
                    break;
                default:
                    file[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }
        return file;
    }
}
