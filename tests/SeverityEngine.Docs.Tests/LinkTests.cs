using System.Text.RegularExpressions;

namespace SeverityEngine.Docs.Tests;

/// <summary>Links between the pages, and from them to other files of the repository.</summary>
public partial class LinkTests
{
    public static TheoryData<string> Pages => [.. Page.All];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_relative_link_leads_to_a_file_and_a_heading(string page)
    {
        string folder = Path.GetDirectoryName(Page.FullPath(page))!;
        foreach (string link in Links(Page.Read(page)).Where(l => !l.Contains(':')))
        {
            string[] parts = link.Split('#', 2);
            string target = parts[0].Length > 0 ? Path.GetFullPath(Path.Combine(folder, parts[0])) : Page.FullPath(page);
            Assert.True(Path.Exists(target), $"{page}: {link} leads to no file");
            if (parts.Length > 1)
                Assert.True(Anchors(File.ReadAllText(target)).Contains(parts[1]), $"{page}: {link} leads to no heading");
        }
    }

    [Fact]
    public void The_readme_leads_to_every_page()
    {
        HashSet<string> links = [.. Links(Page.Read("README.md"))];
        Assert.All(Page.All.Where(p => p != "README.md"), p => Assert.Contains(p, links));
    }

    static IEnumerable<string> Links(string text) => Link().Matches(text).Select(m => m.Groups[1].Value + m.Groups[2].Value);

    /// <summary>Headings as links name them: small letters, hyphens for spaces, other signs left out.</summary>
    static IEnumerable<string> Anchors(string text) =>
        Heading().Matches(text).Select(m => Left().Replace(m.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"\]\(([^)\s]+)\)|<img src=""([^""]+)""")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Left();
}
