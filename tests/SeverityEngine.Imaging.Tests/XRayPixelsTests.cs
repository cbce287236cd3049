namespace SeverityEngine.Imaging.Tests;

public class XRayPixelsTests
{
    [Theory]
    [InlineData(0, 10, PixelFormat.Gray8, 0, 100, 0)]
    [InlineData(10, 0, PixelFormat.Gray8, 0, 100, 0)]
    [InlineData(-1, 10, PixelFormat.Gray8, 0, 100, 0)]
    [InlineData(10, 10, PixelFormat.Gray8, 0, 99, 0)]
    [InlineData(10, 10, PixelFormat.Gray8, 9, 100, 0)]
    [InlineData(10, 10, PixelFormat.Gray8, -10, 100, 0)]
    [InlineData(10, 10, PixelFormat.Gray8, 12, 117, 0)]
    [InlineData(10, 10, PixelFormat.Gray16, 21, 1000, 0)]
    [InlineData(10, 10, PixelFormat.Rgb24, 0, 299, 0)]
    [InlineData(10, 10, PixelFormat.Gray8, 0, 100, 256)]
    [InlineData(10, 10, PixelFormat.Gray16, 0, 200, 65_536)]
    [InlineData(10, 10, PixelFormat.Gray8, 0, 100, -1)]
    [InlineData(10, 10, (PixelFormat)6, 0, 1000, 0)]
    [InlineData(int.MaxValue, int.MaxValue, PixelFormat.Rgba32, 0, 1000, 0)]
    [InlineData(1, int.MaxValue, PixelFormat.Gray8, int.MaxValue, 1000, 0)]
    public void Sizes_strides_and_ranges_that_cannot_be_are_refused(
        int width, int height, PixelFormat format, int stride, int length, int maxValue)
    {
        byte[] data = new byte[length];
        SeverityException error =
            Assert.Throws<SeverityException>(() => { _ = new XRayPixels(data, width, height, format, stride, maxValue); });
        Assert.Equal(SeverityError.InvalidArgument, error.Code);
    }

    [Fact]
    public void The_last_row_needs_no_gap_after_it()
    {
        XRayPixels pixels = new(new byte[12 * 9 + 10], 10, 10, PixelFormat.Gray8, 12);
        Assert.Equal((10, 10, 12, 255), (pixels.Width, pixels.Height, pixels.Stride, pixels.MaxValue));
    }
}
