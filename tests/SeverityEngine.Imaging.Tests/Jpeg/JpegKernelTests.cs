using SeverityEngine.Imaging.Jpeg;
using SeverityEngine.Interop;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Jpeg;

/// <summary>Vector kernels against the scalar ones, and both against the definitions written out plainly.</summary>
[Trait(InstructionSetTests.Trait, "yes")]
public unsafe class JpegKernelTests
{
    const int Longest = 200;

    [Fact]
    public void Vector_and_scalar_transforms_give_the_same_for_any_block()
    {
        Random random = new(1);
        short* block = stackalloc short[64];
        ushort* table = stackalloc ushort[64];
        byte[] vector = new byte[64], scalar = new byte[64];
        for (int i = 0; i < 50_000; i++)
        {
            int size = 1 << random.Next(17), scale = 1 << random.Next(17), density = random.Next(1, 65);
            for (int k = 0; k < 64; k++)
            {
                block[k] = random.Next(64) < density ? (short)random.Next(-size, size) : (short)0;
                table[k] = (ushort)random.Next(1, scale + 1);
                if (i % 7 == 0)
                    block[k] = random.Next(3) switch { 0 => short.MinValue, 1 => short.MaxValue, _ => 0 };
            }
            fixed (byte* s = scalar)
                JpegIdct.For(KernelSet.Scalar).Transform(block, table, s, 8);
            foreach (KernelSet set in InstructionSetTests.Kernels)
            {
                fixed (byte* v = vector)
                    JpegIdct.For(set).Transform(block, table, v, 8);
                Assert.Equal(scalar, vector);
            }
        }
    }

    [Fact]
    public void A_coefficient_beyond_its_limit_is_seen_at_every_place()
    {
        short* block = stackalloc short[64], limits = stackalloc short[64];
        foreach (KernelSet set in InstructionSetTests.Kernels.Append(KernelSet.Scalar))
        {
            JpegIdct transform = JpegIdct.For(set);
            for (int k = 0; k < 64; k++)
                (block[k], limits[k]) = ((short)(k % 2 == 0 ? k : -k), (short)k);
            Assert.False(transform.Exceeds(block, limits), $"{set}");
            for (int k = 0; k < 64; k++)
            {
                short within = block[k];
                foreach (int value in (int[])[k + 1, -k - 1, short.MaxValue, short.MinValue])
                {
                    block[k] = (short)value;
                    Assert.True(transform.Exceeds(block, limits), $"{set}, coefficient {k}: {value}");
                }
                block[k] = within;
            }
        }
    }

    [Fact]
    public void A_block_of_one_coefficient_is_as_flat_as_the_whole_transform_makes_it()
    {
        short* block = stackalloc short[64];
        ushort* table = stackalloc ushort[64];
        byte[] flat = new byte[64], whole = new byte[64];
        for (int dc = short.MinValue; dc <= short.MaxValue; dc += 3)
        {
            (block[0], table[0]) = ((short)dc, (ushort)(1 + (dc & 15)));
            fixed (byte* f = flat, w = whole)
            {
                JpegIdct.For(Cpu.Kernels).Transform(block, table, 1, f, 8);
                JpegIdct.For(KernelSet.Scalar).Transform(block, table, w, 8);
            }
            Assert.Equal(whole, flat);
        }
    }

    [Fact]
    public void The_transform_is_the_inverse_cosine_transform_within_a_level()
    {
        Random random = new(2);
        short* block = stackalloc short[64];
        ushort* table = stackalloc ushort[64];
        byte[] samples = new byte[64];
        new Span<ushort>(table, 64).Fill(1);
        for (int i = 0; i < 500; i++)
        {
            for (int k = 0; k < 64; k++)
                block[k] = (short)random.Next(-60, 60);
            fixed (byte* s = samples)
                JpegIdct.For(Cpu.Kernels).Transform(block, table, 64, s, 8);
            for (int at = 0; at < 64; at++)
            {
                double sum = 0;
                for (int k = 0; k < 64; k++)
                {
                    sum += block[k] * (k % 8 == 0 ? Math.Sqrt(0.125) : 0.5) * (k / 8 == 0 ? Math.Sqrt(0.125) : 0.5)
                        * Math.Cos((2 * (at % 8) + 1) * (k % 8) * Math.PI / 16) * Math.Cos((2 * (at / 8) + 1) * (k / 8) * Math.PI / 16);
                }
                Assert.InRange(samples[at] - Math.Clamp(sum + 128, 0, 255), -1.01, 1.01);
            }
        }
    }

    [Fact]
    public void Red_is_its_definition_for_every_y_and_cr()
    {
        byte[] y = new byte[65_536], cr = new byte[65_536], expected = new byte[65_536];
        for (int i = 0; i < y.Length; i++)
        {
            (y[i], cr[i]) = ((byte)i, (byte)(i >> 8));
            expected[i] = (byte)Math.Clamp(y[i] + (int)Math.Floor((Math.Round(1.402 * 65_536) * (cr[i] - 128) + 32_768) / 65_536), 0, 255);
        }
        foreach (KernelSet set in InstructionSetTests.Kernels)
        {
            byte[] actual = [.. y];
            fixed (byte* a = actual, c = cr)
                JpegRows.For(set).Red(a, c, actual.Length);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void Rows_of_every_length_are_the_same_with_and_without_vectors()
    {
        Random random = new(3);
        JpegRows scalar = JpegRows.For(KernelSet.Scalar);
        byte[] near = new byte[Longest], far = new byte[Longest];
        for (int count = 1; count < Longest; count++)
        {
            random.NextBytes(near);
            random.NextBytes(far);
            foreach (KernelSet set in InstructionSetTests.Kernels)
            {
                JpegRows rows = JpegRows.For(set);
                Assert.Equal(Red(scalar), Red(rows));
                Assert.Equal(Blend(scalar), Blend(rows));
                foreach (int shift in (ReadOnlySpan<int>)[2, 4])
                    Assert.Equal(Double(scalar, shift), Double(rows, shift));
            }

            // What lies behind the row must stay as it was.
            byte[] Red(JpegRows rows)
            {
                byte[] red = [.. near];
                fixed (byte* r = red, f = far)
                    rows.Red(r, f, count);
                Assert.Equal(near[count..], red[count..]);
                return red;
            }

            ushort[] Blend(JpegRows rows)
            {
                ushort[] sums = new ushort[Longest];
                sums.AsSpan().Fill(7);
                fixed (byte* n = near, f = far)
                fixed (ushort* s = sums)
                    rows.Blend(n, f, s, count);
                Assert.DoesNotContain(sums[count..], s => s != 7);
                return sums;
            }

            byte[] Double(JpegRows rows, int shift)
            {
                byte[] doubled = new byte[2 * Longest];
                ushort[] sums = [0, .. near.Select(n => (ushort)(n * (shift == 4 ? 4 : 1))), 0];
                fixed (byte* d = doubled)
                fixed (ushort* s = sums)
                    rows.Double(s + 1, d, count, shift);
                Assert.DoesNotContain(doubled[(2 * count)..], d => d != 0);
                return doubled;
            }
        }
    }
}
