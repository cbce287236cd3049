using SeverityEngine.Interop;
using SeverityEngine.Kernels;

namespace SeverityEngine.Tests.Kernels;

[Trait(InstructionSetTests.Trait, "yes")]
public sealed unsafe class DenseLayerKernelTests
{
    /// <summary>Channels behind those that a layer makes: they are another's.</summary>
    const int Others = 5;

    /// <summary>The sets of kernels that have an arithmetic; none on a processor without vectors.</summary>
    static IEnumerable<KernelSet> Sets => InstructionSetTests.Kernels.Where(set => Arithmetics.Of(set) is not null);

    [Theory]
    [InlineData(8, 16, 16)]
    [InlineData(40, 32, 32)]
    [InlineData(64, 32, 16)]
    [InlineData(16, 48, 64)]
    public void Layers_of_images_of_every_small_size_are_those_by_definition(int inputs, int middle, int outputs)
    {
        for (int height = 1; height <= 8; height++)
        {
            for (int width = 1; width <= 8; width++)
                Agree(height, width, inputs, middle, outputs);
        }
    }

    [Theory]
    [InlineData(56, 56)]
    [InlineData(28, 28)]
    [InlineData(1, 97)]
    [InlineData(53, 4)]
    public void Parts_together_make_every_pixel(int height, int width) => Agree(height, width, 32, 32, 32);

    [Fact]
    public void What_is_no_number_stays_that()
    {
        foreach (KernelSet set in Sets)
        {
            using DenseLayerKernel kernel = Kernel(new Random(1), 16, 32, 32, set, out _);
            float[] image = new float[48];
            image[3] = float.NaN;
            Run(kernel, image, 48, 1, 1);
            Assert.All(image[16..48], v => Assert.True(float.IsNaN(v)));
        }
    }

    [Fact]
    public void Numbers_that_do_not_belong_together_are_refused()
    {
        foreach (KernelSet set in Sets)
        {
            using WinogradKernel second = new(new float[32 * 32 * 9], 32, 32, Arithmetics.For(set, 32, 32)!);
            Assert.Throws<ArgumentOutOfRangeException>(
                () => new DenseLayerKernel(new float[16], new float[15], new float[16 * 32], new float[32], second, set));
            Assert.Throws<ArgumentOutOfRangeException>(
                () => new DenseLayerKernel(new float[16], new float[16], new float[16 * 32], new float[31], second, set));
            Assert.Throws<ArgumentOutOfRangeException>(
                () => new DenseLayerKernel(new float[16], new float[16], new float[16 * 31], new float[32], second, set));
            Assert.Throws<ArgumentException>(
                () => new DenseLayerKernel(new float[3], new float[3], new float[3 * 32], new float[32], second, set));
        }
    }

    static void Agree(int height, int width, int inputs, int middle, int outputs)
    {
        Agree(height, width, inputs, middle, outputs, isSmall: false);
        if (WindowKernel.Suits(height, width))
            Agree(height, width, inputs, middle, outputs, isSmall: true);
    }

    static void Agree(int height, int width, int inputs, int middle, int outputs, bool isSmall)
    {
        foreach (KernelSet set in Sets)
        {
            Random random = new((height * 100) + width);
            using DenseLayerKernel kernel = Kernel(random, inputs, middle, outputs, set, out Weights weights, isSmall);
            int stride = inputs + outputs + Others, pixels = height * width;
            float[] image = WinogradKernelTests.Numbers(random, pixels * stride), before = [.. image];
            double[] expected = ByDefinition(image, weights, height, width, inputs, middle, outputs, stride);
            double largest = expected.Max(Math.Abs);
            Run(kernel, image, stride, height, width);
            for (int i = 0; i < image.Length; i++)
            {
                (int pixel, int channel) = Math.DivRem(i, stride);
                bool isMade = channel >= inputs && channel < inputs + outputs;
                double wanted = isMade ? expected[(pixel * outputs) + channel - inputs] : before[i];
                Assert.True(Math.Abs(wanted - image[i]) <= (isMade ? 1e-5 * largest : 0),
                    $"{set}: {height} x {width}, {inputs}, {middle}, {outputs} channels, pixel {pixel}, channel {channel}: {image[i]} for "
                        + $"{wanted}");
            }
        }
    }

    static DenseLayerKernel Kernel(
        Random random, int inputs, int middle, int outputs, KernelSet set, out Weights weights, bool isSmall = false)
    {
        Arithmetic arithmetic = Arithmetics.For(set, middle, outputs)!;
        weights = new Weights(Numbers(inputs), Numbers(inputs), Numbers(inputs * middle), Numbers(middle), Numbers(middle * outputs * 9));
        return new DenseLayerKernel(weights.Scale, weights.Shift, weights.First, weights.Bias,
            isSmall ? new WindowKernel(weights.Second, outputs, middle, arithmetic)
                : new WinogradKernel(weights.Second, outputs, middle, arithmetic), set);

        float[] Numbers(int count) => WinogradKernelTests.Numbers(random, count);
    }

    /// <summary>Both halves, parts in reverse; what they read of memory to work in they must have written there.</summary>
    static void Run(DenseLayerKernel kernel, float[] image, int stride, int height, int width)
    {
        const int Guard = 64;
        using AlignedBuffer scratch = new(kernel.ScratchLength + Guard), middle = new((height * width * kernel.Middle) + Guard);
        scratch.Span.Fill(float.NaN);
        middle.Span.Fill(float.NaN);
        float* work = (float*)scratch.Address, between = (float*)middle.Address;
        fixed (float* pixels = image)
        {
            for (int part = DenseLayerKernel.FirstPartsOf(height * width) - 1; part >= 0; part--)
                kernel.RunFirst(pixels, stride, between, height * width, part, work);
            for (int part = kernel.SecondPartsOf(height, width) - 1; part >= 0; part--)
                kernel.RunSecond(between, pixels, stride, height, width, part, work);
        }
        Assert.All(scratch.Span[^Guard..].ToArray(), v => Assert.True(float.IsNaN(v)));
        Assert.All(middle.Span[^Guard..].ToArray(), v => Assert.True(float.IsNaN(v)));
    }

    static double[] ByDefinition(
        float[] image, Weights weights, int height, int width, int inputs, int middle, int outputs, int stride)
    {
        float[] between = new float[height * width * middle];
        for (int i = 0; i < between.Length; i++)
        {
            (int pixel, int m) = Math.DivRem(i, middle);
            double sum = weights.Bias[m];
            for (int c = 0; c < inputs; c++)
            {
                double active = Math.Max(0, ((double)weights.Scale[c] * image[(pixel * stride) + c]) + weights.Shift[c]);
                sum += active * weights.First[(m * inputs) + c];
            }
            between[i] = (float)Math.Max(0, sum);
        }
        return WinogradKernelTests.ByDefinition(between, weights.Second, 1, height, width, middle, outputs);
    }

    sealed record Weights(float[] Scale, float[] Shift, float[] First, float[] Bias, float[] Second);
}
