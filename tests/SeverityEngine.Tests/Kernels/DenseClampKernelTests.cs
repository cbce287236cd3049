using SeverityEngine.Interop;
using SeverityEngine.Kernels;

namespace SeverityEngine.Tests.Kernels;

[Trait(InstructionSetTests.Trait, "yes")]
public sealed unsafe class DenseClampKernelTests
{
    /// <summary>Channels behind those that are clamped: they are another's.</summary>
    const int Others = 3;

    [Fact]
    public void Every_number_of_channels_and_of_new_ones_is_as_by_definition()
    {
        for (int channels = 1; channels <= 100; channels++)
        {
            foreach (int more in (int[])[0, 1, 15, 16, 31, 32, 33, 64, channels])
            {
                if (more <= channels)
                    Agree(5, channels, more);
            }
        }
    }

    [Theory]
    [InlineData(1, 1024)]
    [InlineData(3136, 96)]
    [InlineData(196, 992)]
    [InlineData(1031, 130)]
    [InlineData(2, 100_000)]
    public void Parts_together_make_every_pixel(int pixels, int channels) => Agree(pixels, channels, 32);

    [Fact]
    public void Parts_are_one_or_an_even_number_and_no_more_than_pixels()
    {
        foreach (int channels in (int[])[1, 64, 1024, 200_000])
        {
            using DenseClampKernel kernel = new(new byte[channels], new byte[channels], KernelSet.Scalar);
            foreach (int pixels in (int[])[1, 2, 49, 196, 3136, 100_000])
            {
                int parts = kernel.PartsOf(pixels);
                Assert.True(parts <= pixels && (parts == 1 || parts % 2 == 0 || parts == pixels), $"{pixels} x {channels}: {parts}");
            }
        }
    }

    [Fact]
    public void Averages_of_every_number_of_channels_and_of_new_ones_are_as_by_definition()
    {
        for (int channels = 1; channels <= 70; channels++)
        {
            foreach (int more in (int[])[0, 1, 16, 31, 32, 33, channels])
            {
                if (more <= channels)
                    AgreeOnAverages(2, 4, 6, channels, more);
            }
        }
    }

    [Theory]
    [InlineData(1, 56, 56, 256)]
    [InlineData(1, 14, 14, 1024)]
    [InlineData(3, 5, 7, 40)]
    [InlineData(2, 2, 2, 100_000)]
    [InlineData(1, 1, 9, 32)]
    [InlineData(1, 9, 1, 32)]
    public void Parts_together_make_every_average(int images, int height, int width, int channels) =>
        AgreeOnAverages(images, height, width, channels, 32);

    [Fact]
    public void Every_sum_of_four_bytes_is_rounded_to_the_nearest_and_halves_to_the_even_number()
    {
        // Channels are sums from 0 to 4 x 255.
        int channels = (4 * byte.MaxValue) + 1;
        byte[] image = new byte[4 * channels], averages = new byte[channels];
        for (int sum = 0; sum < channels; sum++)
        {
            for (int pixel = 0; pixel < 4; pixel++)
                image[(pixel * channels) + sum] = (byte)((sum + pixel) / 4);
        }
        byte[] expected = [.. Enumerable.Range(0, channels).Select(s => (byte)Math.Round(s / 4.0, MidpointRounding.ToEven))];
        byte[] any = new byte[channels];
        any.AsSpan().Fill(byte.MaxValue);
        foreach (KernelSet set in InstructionSetTests.Kernels)
        {
            using DenseClampKernel kernel = new(new byte[channels], any, set);
            averages.AsSpan().Fill(0xA5);
            fixed (byte* from = image, to = averages)
                kernel.RunAverage(from, channels, null, 0, to, 1, 2, 2, 0);
            Assert.Equal(expected, averages);
        }
    }

    [Fact]
    public void Bounds_of_different_lengths_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new DenseClampKernel(new byte[3], new byte[4], KernelSet.Scalar));

    static void Agree(int pixels, int channels, int more)
    {
        const int Guard = 64;
        Random random = new((pixels * 1000) + channels);
        byte[] floor = Bytes(channels), ceiling = Bytes(channels), added = Bytes(pixels * more);
        int stride = channels + Others;
        byte[] image = Bytes(pixels * stride), grown = [.. image], expected = new byte[pixels * channels];
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            added.AsSpan(pixel * more, more).CopyTo(grown.AsSpan((pixel * stride) + channels - more));
            for (int c = 0; c < channels; c++)
                expected[(pixel * channels) + c] = Math.Min(Math.Max(grown[(pixel * stride) + c], floor[c]), ceiling[c]);
        }
        foreach (KernelSet set in InstructionSetTests.Kernels)
        {
            using DenseClampKernel kernel = new(floor, ceiling, set);
            byte[] work = [.. image], made = new byte[expected.Length + Guard];
            made.AsSpan(expected.Length).Fill(0xA5);
            fixed (byte* from = work, fresh = added, to = made)
            {
                for (int part = kernel.PartsOf(pixels) - 1; part >= 0; part--)
                    kernel.Run(from, stride, fresh, more, to, pixels, part);
            }
            string what = $"{set}: {pixels} pixels, {channels} channels, {more} of them new";
            Assert.True(work.AsSpan().SequenceEqual(grown), what);
            Assert.True(made.AsSpan(0, expected.Length).SequenceEqual(expected), what);
            Assert.False(made.AsSpan(expected.Length).ContainsAnyExcept((byte)0xA5), what);
        }

        byte[] Bytes(int count) => Random(random, count);
    }

    static void AgreeOnAverages(int images, int height, int width, int channels, int more)
    {
        const int Guard = 64;
        Random random = new((height * 1000) + channels);
        int stride = channels + Others, pixels = images * height * width, old = channels - more, rows = height / 2, columns = width / 2;
        byte[] floor = Random(random, channels), ceiling = Random(random, channels), added = Random(random, pixels * more);
        byte[] image = Random(random, pixels * stride), expected = new byte[images * rows * columns * channels];
        for (int at = 0; at < expected.Length; at++)
        {
            int channel = at % channels, column = at / channels % columns, row = at / channels / columns % rows;
            int first = (((at / channels / columns / rows * height) + (2 * row)) * width) + (2 * column), sum = 0;
            foreach (int pixel in (int[])[first, first + 1, first + width, first + width + 1])
            {
                byte value = channel < old ? image[(pixel * stride) + channel] : added[(pixel * more) + channel - old];
                sum += Math.Min(Math.Max(value, floor[channel]), ceiling[channel]);
            }
            expected[at] = (byte)Math.Round(sum / 4.0, MidpointRounding.ToEven);
        }
        foreach (KernelSet set in InstructionSetTests.Kernels)
        {
            using DenseClampKernel kernel = new(floor, ceiling, set);
            byte[] made = new byte[expected.Length + Guard];
            made.AsSpan(expected.Length).Fill(0xA5);
            fixed (byte* from = image, fresh = added, to = made)
            {
                for (int part = kernel.AveragePartsOf(images, height, width) - 1; part >= 0; part--)
                    kernel.RunAverage(from, stride, fresh, more, to, images, height, width, part);
            }
            string what = $"{set}: {images} images of {width} x {height} pixels, {channels} channels, {more} of them new";
            Assert.True(made.AsSpan(0, expected.Length).SequenceEqual(expected), what);
            Assert.False(made.AsSpan(expected.Length).ContainsAnyExcept((byte)0xA5), what);
        }
    }

    static byte[] Random(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
