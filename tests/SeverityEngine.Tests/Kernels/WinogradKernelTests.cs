using System.Runtime.Intrinsics;
using SeverityEngine.Interop;
using SeverityEngine.Kernels;

namespace SeverityEngine.Tests.Kernels;

[Trait(InstructionSetTests.Trait, "yes")]
public sealed unsafe class WinogradKernelTests
{
    /// <summary>The arithmetic of every set of kernels that has one; of none on a processor without vectors.</summary>
    internal static IEnumerable<Arithmetic> All => InstructionSetTests.Kernels.Select(Arithmetics.Of).OfType<Arithmetic>();

    [Theory]
    [InlineData(8, 16, 1)]
    [InlineData(40, 32, 2)]
    [InlineData(48, 32, 2)]
    [InlineData(16, 64, 1)]
    [InlineData(128, 32, 1)]
    public void Convolutions_of_images_of_every_small_size_are_those_by_definition(int inputs, int outputs, int images)
    {
        for (int height = 1; height <= 9; height++)
        {
            for (int width = 1; width <= 9; width++)
                Agree(images, height, width, inputs, outputs);
        }
    }

    [Theory]
    [InlineData(1, 56, 56)] // 196 tiles, 18 parts
    [InlineData(3, 14, 14)]
    [InlineData(1, 31, 5)]
    [InlineData(2, 4, 53)]
    [InlineData(1, 4, 16)] // the longest of the small images
    [InlineData(2, 3, 16)]
    [InlineData(1, 1, 16)]
    [InlineData(1, 16, 4)]
    [InlineData(2, 15, 3)]
    [InlineData(1, 16, 1)]
    public void Parts_together_make_every_pixel(int images, int height, int width)
    {
        Agree(images, height, width, 16, 16);
        Agree(images, height, width, 16, 32);
    }

    [Fact]
    public void Products_of_all_rows_and_of_any_depth_are_sums_of_products()
    {
        if (Cpu.Vector128)
            ProductsAreSums<Vector128<float>, Lanes128>();
        if (Cpu.Avx2)
            ProductsAreSums<Vector256<float>, Lanes256>();
        if (Cpu.Avx512)
            ProductsAreSums<Vector512<float>, Lanes512>();
    }

    [Fact]
    public void Channels_that_fill_no_register_are_refused() => Assert.All(All, arithmetic =>
    {
        int columns = arithmetic.Columns, lanes = arithmetic.Lanes;
        foreach ((int outputs, int inputs) in ((int, int)[])[(columns + lanes, lanes), (columns, lanes + (lanes / 2))])
        {
            Assert.Throws<ArgumentOutOfRangeException>(
                () => new WinogradKernel(new float[outputs * inputs * 9], outputs, inputs, arithmetic).Dispose());
        }
    });

    [Theory]
    [InlineData(16, 32, 16)]
    [InlineData(8, 32, 8)] // inputs fill no register of sixteen
    [InlineData(16, 16, 8)] // outputs fill no panel of two
    public void Channels_are_computed_by_the_widest_arithmetic_that_they_fill(int inputs, int outputs, int lanes)
    {
        int? most = Cpu.Avx512 ? 16 : Cpu.Avx2 ? 8 : Cpu.Vector128 ? 4 : null;
        Assert.Equal(most is { } there ? Math.Min(lanes, there) : null, Arithmetics.For(Cpu.Widest, inputs, outputs)?.Lanes);
        Assert.Null(Arithmetics.For(KernelSet.Scalar, inputs, outputs));
    }

    static void ProductsAreSums<TVector, TLanes>()
        where TVector : struct
        where TLanes : ILanes<TVector>
    {
        const int Depth = 33, Guard = 7;
        int columns = 2 * TLanes.Count;
        Random random = new(5);
        float[] a = Numbers(random, (TLanes.MaxRows * Depth) + Guard + 1), b = Numbers(random, Depth * columns);
        float[] c = new float[TLanes.MaxRows * (columns + Guard)];
        for (int rows = 1; rows <= TLanes.MaxRows; rows++)
        {
            for (int depth = 0; depth <= Depth; depth++)
            {
                c.AsSpan().Fill(-7);
                // Runs of a third of the row each, with as much between them as makes rows overlap or not.
                Runs runs = depth % 3 == 0 && depth > 0 ? new Runs(depth / 3, 3, depth % 5) : new Runs(depth);
                fixed (float* pa = a, pb = b, pc = c)
                    TileProduct<TVector, TLanes>.Multiply(rows, pa, Depth, runs, pb, pc, columns + Guard);
                for (int i = 0; i < c.Length; i++)
                {
                    (int row, int column) = Math.DivRem(i, columns + Guard);
                    double expected = -7; // what is not the product's stays as it was
                    if (row < rows && column < columns)
                    {
                        expected = 0;
                        for (int k = 0; k < depth; k++)
                        {
                            int at = (row * Depth) + k + (k / runs.Length * runs.Gap);
                            expected += (double)a[at] * b[(k * columns) + column];
                        }
                    }
                    Assert.Equal(expected, c[i], 1e-5);
                }
            }
        }
    }

    static void Agree(int images, int height, int width, int inputs, int outputs)
    {
        Random random = new((height * 100) + width);
        float[] weights = Numbers(random, outputs * inputs * 9), image = Numbers(random, images * height * width * inputs);
        double[] expected = ByDefinition(image, weights, images, height, width, inputs, outputs);
        foreach (Arithmetic arithmetic in All.Where(a => inputs % a.Lanes == 0 && outputs % a.Columns == 0))
        {
            string what = $"{arithmetic}: {images} x {height} x {width}, {inputs} to {outputs} channels";
            using (WinogradKernel kernel = new(weights, outputs, inputs, arithmetic))
                Agree(kernel, image, expected, images, height, width, what);
            if (!WindowKernel.Suits(height, width))
                continue;
            using (WindowKernel kernel = new(weights, outputs, inputs, arithmetic))
                Agree(kernel, image, expected, images, height, width, $"by its definition, {what}");
        }
    }

    static void Agree(ConvolutionKernel kernel, float[] image, double[] expected, int images, int height, int width, string what)
    {
        double largest = expected.Max(Math.Abs);
        // A frame around each pixel's results shows writes beyond them.
        int outputs = kernel.Outputs, stride = outputs + 16;
        float[] made = new float[(images * height * width * stride) + 64];
        made.AsSpan().Fill(float.NaN);
        const int Guard = 64;
        using AlignedBuffer scratch = new(kernel.ScratchLength + Guard);
        scratch.Span.Fill(float.NaN); // what is read there must have been written there
        fixed (float* from = image, to = made)
        {
            for (int part = kernel.PartsOf(images, height, width) - 1; part >= 0; part--)
                kernel.Run(from, to, stride, images, height, width, part, (float*)scratch.Address);
        }
        Assert.All(scratch.Span[^Guard..].ToArray(), v => Assert.True(float.IsNaN(v)));
        for (int i = 0; i < made.Length; i++)
        {
            (int pixel, int output) = Math.DivRem(i, stride);
            double wanted = output < outputs && pixel < images * height * width ? expected[(pixel * outputs) + output] : double.NaN;
            Assert.True(double.IsNaN(wanted) ? float.IsNaN(made[i]) : Math.Abs(wanted - made[i]) <= 1e-5 * largest,
                $"{what}, value {i}: {made[i]} for {wanted}");
        }
    }

    /// <summary>The 3 x 3 convolution, summed up in double.</summary>
    internal static double[] ByDefinition(float[] image, float[] weights, int images, int height, int width, int inputs, int outputs)
    {
        double[] result = new double[images * height * width * outputs];
        for (int i = 0; i < result.Length; i++)
        {
            (int pixel, int output) = Math.DivRem(i, outputs);
            (int row, int x) = Math.DivRem(pixel, width);
            (int n, int y) = Math.DivRem(row, height);
            for (int dy = -1; dy <= 1; dy++)
            {
                for (int dx = -1; dx <= 1; dx++)
                {
                    if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width)
                        continue;
                    int from = ((((n * height) + y + dy) * width) + x + dx) * inputs;
                    for (int c = 0; c < inputs; c++)
                        result[i] += (double)image[from + c] * weights[(((output * inputs) + c) * 9) + ((dy + 1) * 3) + dx + 1];
                }
            }
        }
        return result;
    }

    internal static float[] Numbers(Random random, int count)
    {
        float[] numbers = new float[count];
        foreach (ref float number in numbers.AsSpan())
            number = (random.NextSingle() * 2) - 1;
        return numbers;
    }
}
