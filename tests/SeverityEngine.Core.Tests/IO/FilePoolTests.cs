using SeverityEngine.IO;
using SeverityEngine.Tests;

namespace SeverityEngine.Core.Tests.IO;

[Collection(RunAlone.Name)]
public class FilePoolTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(FilePool.Small)]
    [InlineData(FilePool.Small + 1)]
    [InlineData(40_000_000)]
    public void An_array_is_long_enough_and_not_wasteful(int length)
    {
        byte[] array = FilePool.Rent(length);
        Assert.InRange(array.Length, length, Math.Max(2 * length, 64));
        FilePool.Return(array);
    }

    [Fact]
    public void Large_arrays_are_used_again_and_few_of_them_are_kept()
    {
        byte[] first = FilePool.Rent(9_000_000);
        FilePool.Return(first);
        byte[] again = FilePool.Rent(8_999_000);
        Assert.Same(first, again);
        FilePool.Return(again);

        byte[][] many = [.. Enumerable.Range(0, 30).Select(i => FilePool.Rent(5_000_000 + 1000 * i))];
        Assert.Equal(many.Length, many.Distinct().Count());
        foreach (byte[] array in many)
            FilePool.Return(array);
        Assert.InRange(FilePool.Kept, FilePool.MostKept - 6_000_000, FilePool.MostKept);
        FilePool.Return(new byte[FilePool.MostKept + 1]);
        Assert.InRange(FilePool.Kept, 0, FilePool.MostKept);
    }

    [Fact]
    public void What_is_dropped_is_free_before_much_more_is_taken()
    {
        // Each is too large to be kept: 2 GB in all.
        long most = 0;
        for (int i = 0; i < 20; i++)
        {
            byte[] array = FilePool.Rent(100_000_000);
            Array.Fill(array, (byte)1);
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false));
            FilePool.Return(array);
        }
        Assert.InRange(most, 100_000_000, 400_000_000);
    }
}
