using SeverityEngine.Batch.Inputs;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Inputs;

public class GlobTests
{
    static readonly string[] s_files =
    [
        "a.png", "b.png", "b1.png", "b10.png", "B.PNG", ".hidden.png", "a]b.png", "a-b.png", "[x].png", "notes.txt",
        "one/a.png", "one/b.jpg", "one/two/a.png", "one/two/three/a.png", "one/.secret/a.png", "two/one/a.png", "two/one/two/c.png",
        "x.d/a.png",
    ];

    /// <summary>What a pattern means is bash's word, with globstar.</summary>
    [Theory]
    [InlineData("*.png")]
    [InlineData("?.png")]
    [InlineData("b*")]
    [InlineData("b?.png")]
    [InlineData("[ab].png")]
    [InlineData("[!ab].png")]
    [InlineData("[^a].png")]
    [InlineData("[a-c].png")]
    [InlineData("a[]-]b.png")]
    [InlineData("[[]x].png")]
    [InlineData("*/*.png")]
    [InlineData("one/*/a.png")]
    [InlineData("*/one/*.png")]
    [InlineData("**/*.png")]
    [InlineData("**/a.png")]
    [InlineData("one/**/a.png")]
    [InlineData("**/one/**/*.png")]
    [InlineData("**/two/*.png")]
    [InlineData("**/o*/**/t*/*.png")]
    [InlineData(".*.png")]
    [InlineData("*.d/*")]
    [InlineData("nothing*")]
    [InlineData("*a*b*")]
    public void A_pattern_matches_what_bash_matches(string pattern)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "compares with bash");
        using TemporaryFolder folder = new();
        foreach (string file in s_files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[file])!);
            File.WriteAllText(folder[file], "");
        }
        CommandResult bash = Command.Run("bash",
            ["-c", $"LC_ALL=C; shopt -s globstar nullglob; for f in {pattern}; do [ -f \"$f\" ] && echo \"$f\"; done; true"], folder.Path);
        string[] expected = [.. bash.Lines.Distinct().Order(StringComparer.Ordinal)];
        string[] actual =
            [.. Glob.Expand(folder[pattern]).Select(e => e.Path).Where(File.Exists).Select(p => Path.GetRelativePath(folder.Path, p))];
        Assert.Equal(expected, actual.Order(StringComparer.Ordinal));
        Assert.Equal(actual.Length, actual.Distinct().Count());
    }

    [Fact]
    public void Matches_come_in_natural_order()
    {
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["a10", "a9", "b1", "a1"])
            File.WriteAllText(folder[name], "");
        Assert.Equal(["a1", "a9", "a10"], Glob.Expand(folder["a*"]).Select(e => e.Name));
    }

    [Fact]
    public void A_pattern_of_many_stars_against_a_long_name_ends() =>
        Assert.False(Glob.MatchesName(string.Concat(Enumerable.Repeat("*a", 60)) + "b", new string('a', 5000)));
}
