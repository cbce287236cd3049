using SeverityEngine.Imaging.Jpeg2000;
using SeverityEngine.Interop;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Jpeg2000;

/// <summary>Every kernel over every length, against the definitions written out plainly.</summary>
[Trait(InstructionSetTests.Trait, "yes")]
public unsafe class Jpeg2000RowsTests
{
    const int Longest = 100;

    static readonly Random s_random = new(1);

    [Fact]
    public void Steps_of_the_wavelets_are_those_of_the_standard_at_every_length()
    {
        for (int length = 0; length <= Longest; length++)
        {
            int[] values = Integers(length), before = Integers(length), after = Integers(length);
            float[] reals = Reals(length), left = Reals(length), right = Reals(length);
            int[] low = [.. values.Select((v, i) => v - (int)Math.Floor((before[i] + after[i] + 2) / 4.0))];
            int[] high = [.. values.Select((v, i) => v + (int)Math.Floor((before[i] + after[i]) / 2.0))];
            float[] lifted = [.. reals.Select((v, i) => v + 0.4435f * (left[i] + right[i]))];
            foreach (KernelSet set in InstructionSetTests.Kernels)
            {
                Jpeg2000Rows rows = Jpeg2000Rows.For(set);
                int[] one = [.. values], other = [.. values];
                float[] real = [.. reals];
                fixed (int* o = one, t = other, b = before, a = after)
                fixed (float* r = real, x = left, y = right)
                {
                    rows.LiftLow(o, b, a, length);
                    rows.LiftHigh(t, b, a, length);
                    rows.Lift(r, x, y, 0.4435f, length);
                }
                Assert.Equal(low, one);
                Assert.Equal(high, other);
                Assert.Equal(lifted, real);
            }
        }
    }

    [Fact]
    public void Two_rows_are_put_in_turns_at_every_length()
    {
        for (int length = 1; length <= Longest; length++)
        {
            int[] first = Integers((length + 1) / 2), second = Integers(Math.Max(1, length / 2));
            int[] expected = [.. Enumerable.Range(0, length).Select(i => (i % 2 == 0 ? first : second)[i / 2])];
            foreach (KernelSet set in InstructionSetTests.Kernels)
            {
                int[] both = new int[length];
                fixed (int* f = first, s = second, b = both)
                    Jpeg2000Rows.For(set).Interleave(f, s, b, length);
                Assert.Equal(expected, both);
            }
        }
    }

    [Theory]
    [InlineData(2048, 0, 4095)]
    [InlineData(0, -32768, 32767)]
    [InlineData(32768, 0, 65535)]
    [InlineData(1, 0, 1)]
    public void Samples_are_rounded_and_held_to_their_limits_at_every_length(int offset, int least, int most)
    {
        for (int length = 0; length <= Longest; length++)
        {
            int[] values = Integers(length);
            // Halves too, which go to the even neighbor.
            float[] reals = [.. Integers(length).Select(v => v / 2f)];
            ushort[] expected = [.. values.Select(v => (ushort)Math.Clamp(v + offset, least, most))];
            ushort[] rounded = [.. reals.Select(v => (ushort)(int)Math.Clamp(Math.Round((decimal)v) + offset, least, most))];
            foreach (KernelSet set in InstructionSetTests.Kernels)
            {
                ushort[] samples = new ushort[length], fromReals = new ushort[length];
                fixed (int* v = values)
                fixed (float* r = reals)
                fixed (ushort* s = samples, f = fromReals)
                {
                    Jpeg2000Rows.For(set).Store(v, s, length, offset, least, most);
                    Jpeg2000Rows.For(set).Store(r, f, length, offset, least, most);
                }
                Assert.Equal(expected, samples);
                Assert.Equal(rounded, fromReals);
            }
        }
    }

    [Fact]
    public void Colors_come_back_at_every_length()
    {
        for (int length = 0; length <= Longest; length++)
        {
            int[][] rgb = [Integers(length), Integers(length), Integers(length)];
            int[] y = [.. Enumerable.Range(0, length).Select(i => (int)Math.Floor((rgb[0][i] + 2 * rgb[1][i] + rgb[2][i]) / 4.0))];
            int[] u = [.. Enumerable.Range(0, length).Select(i => rgb[2][i] - rgb[1][i])];
            int[] v = [.. Enumerable.Range(0, length).Select(i => rgb[0][i] - rgb[1][i])];
            float[] luma = Reals(length), cb = Reals(length), cr = Reals(length);
            foreach (KernelSet set in InstructionSetTests.Kernels)
            {
                int[] red = [.. y], green = [.. u], blue = [.. v];
                float[] redReal = [.. luma], greenReal = [.. cb], blueReal = [.. cr];
                fixed (int* r = red, g = green, b = blue)
                    Jpeg2000Rows.For(set).UndoReversibleColor(r, g, b, length);
                fixed (float* r = redReal, g = greenReal, b = blueReal)
                    Jpeg2000Rows.For(set).UndoIrreversibleColor(r, g, b, length);
                Assert.Equal(rgb, [red, green, blue]);
                for (int i = 0; i < length; i++)
                {
                    Assert.Equal(luma[i] + 1.402 * cr[i], redReal[i], 0.01);
                    Assert.Equal(luma[i] - 0.34413 * cb[i] - 0.71414 * cr[i], greenReal[i], 0.01);
                    Assert.Equal(luma[i] + 1.772 * cb[i], blueReal[i], 0.01);
                }
            }
        }
    }

    static int[] Integers(int length) => [.. Enumerable.Range(0, length).Select(_ => s_random.Next(-70_000, 70_000))];

    static float[] Reals(int length) => [.. Enumerable.Range(0, length).Select(_ => 5000 * (s_random.NextSingle() - 0.5f))];
}
