using System.Runtime.CompilerServices;
using SeverityEngine.Interop;

namespace SeverityEngine.Core.Tests;

public class CpuTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Without_a_choice_the_widest_kernels_are_used(string? forced) => Assert.Equal(Cpu.Widest, Cpu.Choose(forced));

    [Theory]
    [InlineData("scalar")]
    [InlineData("vector128")]
    [InlineData("avx2")]
    [InlineData("avx512")]
    public void A_choice_is_taken_where_the_processor_has_it_and_refused_where_not(string forced)
    {
        KernelSet set = Enum.Parse<KernelSet>(forced, ignoreCase: true);
        if (set <= Cpu.Widest)
        {
            Assert.Equal(set, Cpu.Choose(forced));
            return;
        }
        SeverityException error = Assert.Throws<SeverityException>(() => Cpu.Choose(forced));
        Assert.Equal(
            (SeverityError.InvalidArgument, $"SEVERITY_FORCE_KERNEL is {forced}, which this processor lacks"), (error.Code, error.Message));
    }

    [Theory]
    [InlineData("AVX2")]
    [InlineData("neon")]
    [InlineData("1")]
    public void A_choice_of_nothing_is_refused_by_what_there_is(string forced)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => Cpu.Choose(forced));
        Assert.Equal(SeverityError.InvalidArgument, error.Code);
        Assert.Equal($"SEVERITY_FORCE_KERNEL is \"{forced}\"; it may be scalar, vector128, avx2 or avx512", error.Message);
    }

    /// <summary>One place decides what is used, or a kernel could be left out of the choice and of the tests.</summary>
    [Fact]
    public void No_other_file_asks_what_the_processor_has()
    {
        string source = Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "src");
        string[] asking = [.. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file) is { } text
                && (text.Contains(".IsSupported", StringComparison.Ordinal)
                    || text.Contains("IsHardwareAccelerated", StringComparison.Ordinal)))
            .Select(file => Path.GetFileName(file))];
        Assert.Equal(["Cpu.cs"], asking);

        static string Here([CallerFilePath] string path = "") => path;
    }
}
