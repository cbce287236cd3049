using System.Runtime.InteropServices;
using SeverityEngine.Interop;
using SeverityEngine.Preprocessing;

namespace SeverityEngine.Tests.Preprocessing;

[Trait(InstructionSetTests.Trait, "yes")]
public class PixelRowTests
{
    /// <summary>Past the widest vector body several times, so that every tail comes up.</summary>
    const int Longest = 150;

    [Theory]
    [InlineData(PixelFormat.Gray8, 1, 0)]
    [InlineData(PixelFormat.Rgb24, 3, 0)]
    [InlineData(PixelFormat.Bgr24, 3, 2)]
    [InlineData(PixelFormat.Rgba32, 4, 0)]
    [InlineData(PixelFormat.Bgra32, 4, 2)]
    public void Every_length_of_8_bit_rows_agrees_with_a_plain_loop(PixelFormat format, int bytesPerPixel, int channel)
    {
        for (int length = 0; length <= Longest; length++)
        {
            // An array of exactly the row's length: a read past the end would be out of it.
            byte[] row = new byte[length * bytesPerPixel];
            new Random(length).NextBytes(row);
            float[] values = new float[length];
            foreach (KernelSet set in InstructionSetTests.Kernels)
            {
                values.AsSpan().Fill(float.NaN);
                PixelRow.For(set).ToSingle(row, format, values);
                for (int i = 0; i < length; i++)
                    Assert.Equal(row[i * bytesPerPixel + channel], values[i]);
            }
        }
    }

    [Fact]
    public void Every_length_of_16_bit_rows_agrees_with_a_plain_loop()
    {
        for (int length = 0; length <= Longest; length++)
        {
            ushort[] row = new ushort[length];
            new Random(length).NextBytes(MemoryMarshal.AsBytes(row.AsSpan()));
            float[] values = new float[length];
            foreach (KernelSet set in InstructionSetTests.Kernels)
            {
                values.AsSpan().Fill(float.NaN);
                PixelRow.For(set).ToSingle(MemoryMarshal.AsBytes(row.AsSpan()), PixelFormat.Gray16, values);
                Assert.Equal(row.Select(v => (float)v), values);
            }
        }
    }
}
