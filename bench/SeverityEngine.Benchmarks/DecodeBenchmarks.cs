using BenchmarkDotNet.Attributes;
using StbImageSharp;

namespace SeverityEngine.Benchmarks;

/// <summary>JPEG decoding on one core, from a file in memory to channel 0; StbImageSharp beside it.</summary>
public class DecodeBenchmarks
{
    byte[] _file = [];

    [Params(1024, 2000)]
    public int Side { get; set; }

    [Params(false, true)]
    public bool Color { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        // Smooth shapes and a detector's noise: about as many bytes a pixel as a real X-ray of this quality has.
        Random random = new(1);
        int channels = Color ? 3 : 1;
        byte[] pixels = new byte[Side * Side * channels];
        for (int i = 0; i < pixels.Length; i++)
        {
            int x = i / channels % Side, y = i / channels / Side;
            double shape = 120 + 90 * Math.Sin(x * 7.0 / Side) * Math.Cos(y * 5.0 / Side) + 20 * Math.Sin(x / 9.0) * Math.Sin(y / 13.0);
            pixels[i] = (byte)Math.Clamp(shape + random.Next(-6, 7), 0, 255);
        }
        using MemoryStream stream = new();
        StbImageWriteSharp.ColorComponents components =
            Color ? StbImageWriteSharp.ColorComponents.RedGreenBlue : StbImageWriteSharp.ColorComponents.Grey;
        new StbImageWriteSharp.ImageWriter().WriteJpg(pixels, Side, Side, components, stream, 90);
        _file = stream.ToArray();
    }

    [Benchmark(Baseline = true)]
    public int Decode()
    {
        using XRayImage image = XRayImage.Decode(_file);
        return image.Pixels.Data[0];
    }

    [Benchmark]
    public int Stb() => ImageResult.FromMemory(_file).Data[0];
}
