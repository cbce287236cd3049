using SeverityEngine.Quality;

namespace SeverityEngine.Tests.Quality;

[Trait(InstructionSetTests.Trait, "yes")]
public class ThumbnailTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(48)]
    [InlineData(100)]
    [InlineData(129)]
    [InlineData(224)]
    public void Each_cell_is_the_average_of_its_area(int side)
    {
        Random random = new(side);
        float[] input = new float[side * side];
        for (int i = 0; i < input.Length; i++)
            input[i] = random.Next(-1024, 1025);
        float[] averages = new float[Thumbnail.Length];
        new Thumbnail(side).Average(input, averages);
        for (int cell = 0; cell < averages.Length; cell++)
        {
            // With every pixel drawn 16 times as wide and high, a cell is a block of whole pixels, as wide and high as the input.
            double sum = 0;
            for (int y = 0; y < side; y++)
            {
                for (int x = 0; x < side; x++)
                    sum += input[(cell / 16 * side + y) / 16 * side + (cell % 16 * side + x) / 16];
            }
            Assert.Equal((sum / side / side / 1024 + 1) / 2, averages[cell], 1e-6);
        }
    }

    [Fact]
    public void A_thumbnail_is_the_same_at_any_brightness_and_nearly_at_any_contrast()
    {
        float[] picture = [.. Enumerable.Range(0, 256).Select(i => i / 16 < 8 ? 0.25f : 0.75f)];
        float[] brighter = [.. picture.Select(v => v + 0.125f)];
        Thumbnail.Normalize(picture);
        Thumbnail.Normalize(brighter);
        Assert.Equal(picture, brighter);
        // 256 values of 0.25 either way have a norm of 4.
        Assert.Equal(-0.25 / 4.16, picture[0], 1e-7);
        Assert.Equal(0.25 / 4.16, picture[255], 1e-7);
    }

    [Fact]
    public void A_blank_picture_becomes_zeros()
    {
        float[] picture = new float[256];
        picture.AsSpan().Fill(0.3f);
        Thumbnail.Normalize(picture);
        Assert.All(picture, v => Assert.Equal(0, v, 1e-6));
    }
}
