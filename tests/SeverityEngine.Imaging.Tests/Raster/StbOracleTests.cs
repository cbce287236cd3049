using System.Runtime.InteropServices;
using StbImageSharp;

namespace SeverityEngine.Imaging.Tests.Raster;

/// <summary>On files that are whole, and of forms that both read, the engine and StbImageSharp see the same.</summary>
public class StbOracleTests
{
    const int Pictures = 200;

    public static TheoryData<string> Forms => [.. RasterWriter.Forms];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Channel_0_of_random_pictures_is_what_StbImageSharp_reads(string form)
    {
        for (int seed = 0; seed < Pictures; seed++)
        {
            byte[] file = new RasterWriter(new Random(seed)).Write(form);
            ImageResult expected = ImageResult.FromMemory(file, ColorComponents.Default);
            using XRayImage image = XRayImage.Decode(file, form);
            Assert.Equal((expected.Width, expected.Height), (image.Width, image.Height));
            Assert.Empty(DoubtTests.Oddities(image));
            AssertDoubts(expected, image, $"{form}, seed {seed}");
            for (int i = 0; i < image.Width * image.Height; i++)
            {
                // StbImageSharp's results of 8 bits hold the upper ones of 16.
                int value = image.BitsPerSample == 8 ? image.Pixels.Data[i] : MemoryMarshal.Cast<byte, ushort>(image.Pixels.Data)[i] >> 8;
                Assert.True(expected.Data[i * (int)expected.Comp] == value, $"{form}, seed {seed}: pixel {i}");
            }
        }
    }

    /// <summary>The warnings are those of the pixels that StbImageSharp reads. Noise is far from the threshold on the average.</summary>
    static void AssertDoubts(ImageResult expected, XRayImage image, string name)
    {
        int step = (int)expected.Comp;
        byte[][] pixels = [.. expected.Data.Chunk(step)];
        Assert.True(DoubtTests.SaysOneValue(image) == pixels.All(p => p[0] == pixels[0][0]) || image.BitsPerSample == 16, name);
        double distance = step < 3 ? 0 : Math.Max(pixels.Average(p => Math.Abs(p[1] - p[0])), pixels.Average(p => Math.Abs(p[2] - p[0])));
        // Of few pixels, those that are looked at may be others than the average.
        if (step < 3 || pixels.Length > 200 && distance is < 3 or > 25)
            Assert.True(DoubtTests.SaysColored(image) == distance >= 6, $"{name}: {distance} levels apart");
    }
}
