using System.Runtime.InteropServices;
using System.Text.Json;
using SeverityEngine.Preprocessing;

namespace SeverityEngine.Tests.Preprocessing;

/// <summary>Against scikit-image's own results (the golden tensors), and against itself over pixel formats.</summary>
[Trait(InstructionSetTests.Trait, "yes")]
public class PreprocessorTests
{
    const int Size = 224;

    /// <summary>On the -1024 to 1024 scale: single precision over some thousand products.</summary>
    const double Tolerance = 0.01;

    [Theory]
    [InlineData("native-224x224")]
    [InlineData("smaller-100x80")]
    [InlineData("tiny-1x1")]
    [InlineData("tiny-3x2")]
    [InlineData("sliver-2x500")]
    [InlineData("oddeven-225x300")]
    [InlineData("evenodd-300x225")]
    [InlineData("double-448x448")]
    [InlineData("prime-1009x1511")]
    [InlineData("constant-white-640x512")]
    [InlineData("constant-black-512x640")]
    [InlineData("ramp-1200x1600")]
    [InlineData("sixteen-bit-700x500")]
    public void Lossless_pixels_give_scikit_images_tensor(string name)
    {
        using XRayImage image = XRayImage.Load(TestData.Get("golden", name + ".png"));
        AssertTensor(TestData.Get("golden", name + ".tensor.npy"), image.Pixels);
    }

    [Fact]
    public void Real_files_give_scikit_images_tensor_decoding_included()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(TestData.Get("golden", "golden.json")));
        string[] names = [.. golden.RootElement.GetProperty("real_images").EnumerateArray().Select(n => n.GetString()!)];
        Assert.Equal(5, names.Length);
        Assert.All(names, name =>
        {
            using XRayImage image = XRayImage.Load(TestData.Get("data", "cxr", name));
            AssertTensor(TestData.Get("golden", name + ".tensor.npy"), image.Pixels);
        });
    }

    [Fact]
    public void The_same_picture_gives_the_same_tensor_in_every_pixel_format_and_stride()
    {
        const int Width = 331, Height = 407, Gap = 5;
        byte[] gray = new byte[Width * Height];
        new Random(1).NextBytes(gray);
        float[] expected = Run(new XRayPixels(gray, Width, Height));
        foreach ((PixelFormat format, int bytes, int channel) in (ReadOnlySpan<(PixelFormat, int, int)>)
            [(PixelFormat.Gray8, 1, 0), (PixelFormat.Rgb24, 3, 0), (PixelFormat.Bgr24, 3, 2), (PixelFormat.Rgba32, 4, 0),
                (PixelFormat.Bgra32, 4, 2)])
        {
            int stride = Width * bytes + Gap;
            byte[] data = new byte[stride * (Height - 1) + Width * bytes];
            new Random(2).NextBytes(data); // the other channels and the gaps must not matter
            for (int i = 0; i < gray.Length; i++)
                data[i / Width * stride + i % Width * bytes + channel] = gray[i];
            Assert.Equal(expected, Run(new XRayPixels(data, Width, Height, format, stride)));
        }
    }

    [Fact]
    public void Sixteen_bits_of_12_are_normalized_by_their_own_full_white()
    {
        const int Side = 300;
        byte[] gray = new byte[Side * Side];
        new Random(1).NextBytes(gray);
        ushort[] twelve = [.. gray.Select(v => (ushort)(v * 4095 / 255))];
        float[] expected = Run(new XRayPixels(MemoryMarshal.AsBytes(twelve.AsSpan()), Side, Side, PixelFormat.Gray16, 0, 4095));
        float[] eight = Run(new XRayPixels(gray, Side, Side));
        for (int i = 0; i < eight.Length; i++)
            Assert.Equal(eight[i], expected[i], 2048.0 / 4095); // half a level either way
    }

    [Fact]
    public void A_preprocessor_gives_the_same_again_after_other_sizes()
    {
        Preprocessor preprocessor = new(Size);
        byte[] pixels = new byte[900 * 900];
        new Random(1).NextBytes(pixels);
        float[] first = new float[Size * Size], again = new float[Size * Size];
        preprocessor.Run(new XRayPixels(pixels, 333, 300), first);
        foreach (int side in (ReadOnlySpan<int>)[900, 1, 224, 223, 225, 448])
            preprocessor.Run(new XRayPixels(pixels, side, side), again);
        preprocessor.Run(new XRayPixels(pixels, 333, 300), again);
        Assert.Equal(first, again);
    }

    [Fact]
    public void More_sizes_than_the_cache_holds_are_no_trouble()
    {
        for (int side = 1; side < 200; side++)
        {
            ResampleWeights weights = ResampleWeights.For(side, Size);
            Assert.Equal(side, weights.End(Size - 1));
            Assert.Same(weights, ResampleWeights.For(side, Size));
        }
    }

    static float[] Run(in XRayPixels pixels)
    {
        float[] tensor = new float[Size * Size];
        new Preprocessor(Size).Run(pixels, tensor);
        return tensor;
    }

    static void AssertTensor(string expectedPath, in XRayPixels pixels)
    {
        Npy<float> expected = Npy<float>.Load(expectedPath);
        Assert.Equal([Size, Size], expected.Shape);
        float[] actual = Run(pixels);
        double worst = expected.Values.Zip(actual, (e, a) => Math.Abs((double)e - a)).Max();
        Assert.True(worst <= Tolerance, $"{Path.GetFileName(expectedPath)}: {worst} off");
    }
}
