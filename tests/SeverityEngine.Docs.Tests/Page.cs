using SeverityEngine.Tests;

namespace SeverityEngine.Docs.Tests;

/// <summary>The pages that people read, and the parts of them that are outputs of tests.</summary>
static class Page
{
    /// <summary>README.md, the other pages at the repository's root, and docs/: paths from the root.</summary>
    public static IEnumerable<string> All =>
        Directory.EnumerateFiles(TestData.RepositoryRoot, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(TestData.RepositoryRoot, "docs"), "*.md"))
            .Select(p => Path.GetRelativePath(TestData.RepositoryRoot, p).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    public static string FullPath(string page) => Path.Combine(TestData.RepositoryRoot, page);

    public static string Read(string page) => File.ReadAllText(FullPath(page)).ReplaceLineEndings("\n");

    /// <summary>
    /// Compares what stands between <c>&lt;!-- NAME: begin --&gt;</c> and <c>&lt;!-- NAME: end --&gt;</c>, or with SEVERITY_UPDATE=1
    /// writes it.
    /// </summary>
    public static void AssertBlock(string page, string name, string expected)
    {
        string text = Read(page), begin = $"<!-- {name}: begin -->\n", end = $"<!-- {name}: end -->";
        int first = text.IndexOf(begin, StringComparison.Ordinal), last = text.IndexOf(end, StringComparison.Ordinal);
        Assert.True(first >= 0 && last > first, $"{page} lacks the lines {begin.TrimEnd()} and {end}");
        Updated.AssertFile(FullPath(page), string.Concat(text.AsSpan(0, first + begin.Length), expected, text.AsSpan(last)));
    }
}
