using SeverityEngine.Imaging.Png;
using SeverityEngine.Interop;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests;

[Trait(InstructionSetTests.Trait, "yes")]
public class PngFiltersTests
{
    public static TheoryData<int, int> FiltersAndSteps =>
        [.. from filter in Enumerable.Range(0, 5) from step in (int[])[1, 2, 3, 4, 6, 8] select (filter, step)];

    /// <summary>
    /// Filters a row as ISO/IEC 15948, clause 9 writes it, and expects it back: every length, so every tail behind a vector.
    /// </summary>
    [Theory]
    [MemberData(nameof(FiltersAndSteps))]
    public void A_filtered_row_of_any_length_comes_back(int filter, int step)
    {
        Random random = new(1000 * filter + step);
        for (int length = step; length <= 150; length++)
        {
            byte[] row = new byte[length], above = new byte[length];
            random.NextBytes(row);
            random.NextBytes(above);
            byte[] filtered = [.. Enumerable.Range(0, length).Select(i => (byte)(row[i] - Predicted(filter, row, above, i, step)))];
            foreach (KernelSet set in InstructionSetTests.Kernels)
            {
                byte[] restored = [.. filtered];
                Assert.True(PngFilters.For(set).Undo(filter, restored, above, step));
                Assert.Equal(row, restored);
            }
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(255)]
    public void A_filter_that_does_not_exist_is_refused(int filter) =>
        Assert.False(PngFilters.For(Cpu.Kernels).Undo(filter, new byte[4], new byte[4], 1));

    static int Predicted(int filter, byte[] row, byte[] above, int i, int step)
    {
        int a = i >= step ? row[i - step] : 0, b = above[i], c = i >= step ? above[i - step] : 0;
        int p = a + b - c;
        int nearest = new[] { a, b, c }.MinBy(value => Math.Abs(p - value)); // the first of equals
        return filter switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) / 2, _ => nearest };
    }
}
