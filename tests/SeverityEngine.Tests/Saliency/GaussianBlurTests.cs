using SeverityEngine.Saliency;

namespace SeverityEngine.Tests.Saliency;

public class GaussianBlurTests
{
    [Theory]
    [InlineData(7)] // smaller than the kernel: all its rows and columns are edges
    [InlineData(41)]
    public void The_blur_is_scipys_with_replicated_edges(int size)
    {
        float[] map = [.. SaliencyFormula.Field(size, 9, 5).Select(v => v * v)];
        map[size - 1] += 20;
        map[size / 2 * size] += 10;
        GaussianBlur.Run(map, size, new float[GaussianBlur.ScratchLength(size)]);
        float[] expected = Npy<float>.Load(SaliencyFormula.Golden($"blur-{size}.npy")).Values;
        Assert.All(expected.Zip(map), p => Assert.Equal(p.First, p.Second, 2e-6f));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(19)]
    [InlineData(36)]
    [InlineData(37)]
    public void A_flat_map_stays_flat(int size)
    {
        float[] map = [.. Enumerable.Repeat(3f, size * size)];
        GaussianBlur.Run(map, size, new float[GaussianBlur.ScratchLength(size)]);
        Assert.All(map, v => Assert.Equal(3, v, 1e-5f));
    }
}
