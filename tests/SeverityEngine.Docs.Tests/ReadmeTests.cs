using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.Docs.Tests;

/// <summary>What the README shows, done as a reader would do it. With SEVERITY_UPDATE=1 its session is written anew.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    const string Readme = "README.md";

    /// <summary>How far scores may lie from those in the README: processors round differently.</summary>
    const double Tolerance = 0.00015;

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_session_gives_what_it_shows()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "/bin/sh runs the session");
        // What the session uses of the repository, in a folder where it may write.
        Directory.CreateDirectory(_folder["dist"]);
        File.CreateSymbolicLink(_folder["dist/severity"], Path.GetFullPath(Command.Binary));
        Directory.CreateDirectory(_folder["tests/samples"]);
        foreach (string sample in Directory.EnumerateFiles(Path.Combine(TestData.RepositoryRoot, "tests", "samples")))
            File.Copy(sample, _folder[$"tests/samples/{Path.GetFileName(sample)}"]);

        string readme = Page.Read(Readme);
        Group session = Session().Match(readme).Groups[1];
        Assert.True(session.Success, "README.md has no block that begins with $ dist/severity");
        StringBuilder played = new();
        foreach (string line in session.Value.Split('\n').Where(l => l.StartsWith("$ ", StringComparison.Ordinal)))
            played.Append(line).Append('\n').Append(Run(line[2..]));

        if (IsSame(session.Value, played.ToString()))
            return;
        string before = readme[..session.Index], after = readme[(session.Index + session.Length)..];
        Updated.AssertFile(Page.FullPath(Readme), before + played + after);
    }

    [Fact]
    public void The_readme_is_short() => Assert.InRange(new FileInfo(Page.FullPath(Readme)).Length, 1, 10_240);

    string Run(string command)
    {
        Dictionary<string, string> environment = new()
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH")!,
            ["HOME"] = _folder.Path,
        };
        CommandResult result = Command.Run("/bin/sh", ["-c", command], _folder.Path, environment);
        Assert.True(result.ExitCode == 0, $"{command} ended with {result.ExitCode}: {result.Error}");
        return result.Output.ReplaceLineEndings("\n");
    }

    /// <summary>The same text, and numbers that are as good as the same.</summary>
    static bool IsSame(string expected, string actual) =>
        Fraction().Replace(expected, "#") == Fraction().Replace(actual, "#")
        && Fraction().Matches(expected).Zip(Fraction().Matches(actual)).All(p => Math.Abs(Value(p.First) - Value(p.Second)) <= Tolerance);

    static double Value(Match number) => double.Parse(number.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^```\n(\$ dist/severity .*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Session();

    [GeneratedRegex(@"\d+\.\d+")]
    private static partial Regex Fraction();
}
