using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.Docs.Tests;

/// <summary>
/// Every command that the pages show, run as it is printed, on the published binary: page by page, in a folder that holds what a reader has
/// (X-rays, a folder of them, a model). Of a line that begins with <c>$</c> what follows it has to come out. With SEVERITY_UPDATE=1 that is
/// written anew.
/// </summary>
public sealed partial class TranscriptTests : IDisposable
{
    /// <summary>How far scores may lie from those in the pages: processors round differently.</summary>
    const double Tolerance = 0.00015;

    /// <summary>Images in <c>xrays/</c>: as many as a model's description takes.</summary>
    const int XRays = 50;

    /// <summary>
    /// Commands that are not run here: those that build, which other tests run, and those that need the internet or a DenseNet's weights.
    /// </summary>
    static readonly string[] s_elsewhere = [
        "./build.sh", "git clone ", "cd ", "dotnet ", "gcc ", "cmake ", "bench/", "CHECKPOINT ",
        "severity model install ", "severity model optimize densenet.onnx ",
    ];

    readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Pages => [.. Page.All.Append("models/README.md").Where(page => Blocks(Page.Read(page)).Any())];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Pages))]
    public void What_a_page_shows_runs(string page)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "bash runs the commands");
        Prepare();
        string text = Page.Read(page);
        StringBuilder played = new();
        int end = 0, run = 0;
        foreach (Group block in Blocks(text))
        {
            played.Append(text, end, block.Index - end);
            end = block.Index + block.Length;
            bool isSession = block.Value.StartsWith("$ ", StringComparison.Ordinal);
            played.Append(isSession ? Play(block.Value, ref run) : Follow(block.Value, ref run));
        }
        played.Append(text, end, text.Length - end);
        if (!IsSame(text, played.ToString()))
            Updated.AssertFile(Page.FullPath(page), played.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine($"{page}: {run} commands");
    }

    [Fact]
    public void The_pages_show_commands() => Assert.InRange(Pages.Count, 4, 100);

    [Fact]
    public void The_readme_is_short() => Assert.InRange(new FileInfo(Page.FullPath("README.md")).Length, 1, 10_240);

    /// <summary>The blocks of a page that hold commands: without a language, and not the help texts.</summary>
    static IEnumerable<Group> Blocks(string text) => Block().Matches(text)
        .Where(match => match.Groups["language"].Length == 0 && !text.AsSpan(0, match.Index).EndsWith(": begin -->\n"))
        .Select(match => match.Groups["block"]).Where(block => block.Value.Split('\n').Any(line => ShownCommand().IsMatch(line)));

    /// <summary>What a reader has: the repository's samples and binary, and X-rays of his own.</summary>
    void Prepare()
    {
        Directory.CreateDirectory(_folder["dist"]);
        File.CreateSymbolicLink(_folder["dist/severity"], Path.GetFullPath(Command.Binary));
        foreach (string sample in Directory.EnumerateFiles(Path.Combine(TestData.RepositoryRoot, "tests", "samples")))
        {
            foreach (string folder in (string[])["tests/samples", "archive/2020/march"])
            {
                Directory.CreateDirectory(_folder[folder]);
                File.Copy(sample, _folder[$"{folder}/{Path.GetFileName(sample)}"]);
            }
        }
        File.Copy(_folder["tests/samples/severe.png"], _folder["chest.png"]);
        foreach (string folder in (string[])["in", "cdrom/DICOM"])
        {
            Directory.CreateDirectory(_folder[folder]);
            File.Copy(Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "dicom", "planted.dcm"), _folder[$"{folder}/IM000001"]);
        }
        File.Copy(_folder["tests/samples/severe.png"], _folder["in/severe.png"]);
        File.WriteAllText(_folder["in/notes.txt"], "notes");
        File.WriteAllText(_folder["in/torn.png"], "");
        Run($"severity phantom xrays --count {XRays} --size 256 --extent 3");
        // A head of the reader's own, on as many features as the built-in model has.
        string score = $"{{ \"coefficients\": [{string.Join(", ", Enumerable.Repeat("0.01", 384))}], \"intercept\": 1 }}";
        File.WriteAllText(_folder["head.json"], $"{{ \"input\": \"features\", \"geographic_extent\": {score}, \"opacity\": {score} }}");
        // A model under the name of a published one, which would have to be downloaded.
        Directory.CreateDirectory(_folder["home/models"]);
        string model = Path.Combine(TestData.RepositoryRoot, "models", "severity-compact.onnx");
        File.Copy(model, _folder["home/models/xrv-densenet121-cidc.onnx"]);
        File.Copy(model, _folder["model.onnx"]);
    }

    /// <summary>Commands with what they print.</summary>
    string Play(string block, ref int run)
    {
        StringBuilder played = new();
        foreach (string line in block.Split('\n').Where(line => line.StartsWith("$ ", StringComparison.Ordinal)))
        {
            run++;
            played.Append(line).Append('\n').Append(Run(line[2..], mayFail: true));
        }
        return played.ToString();
    }

    /// <summary>Commands without; a line's end that is escaped goes on in the next.</summary>
    string Follow(string block, ref int run)
    {
        foreach (string command in block.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string trimmed = command.TrimStart();
            if (trimmed[0] == '#' || s_elsewhere.Any(start => trimmed.StartsWith(start, StringComparison.Ordinal)))
                continue;
            Assert.True(ShownCommand().IsMatch(command), $"no command, among commands: {command}");
            run++;
            Run(command);
        }
        return block;
    }

    /// <returns>What it prints, its messages too, in the order of a terminal.</returns>
    string Run(string command, bool mayFail = false)
    {
        Dictionary<string, string> environment = new()
        {
            ["PATH"] = $"{_folder["dist"]}:{Environment.GetEnvironmentVariable("PATH")}",
            ["HOME"] = _folder.Path,
            ["SEVERITY_HOME"] = _folder["home"],
        };
        CommandResult result = Command.Run("/bin/bash", ["-c", command], _folder.Path, environment);
        Assert.True(result.ExitCode == 0 || mayFail, $"{command} ended with {result.ExitCode}: {result.Error}");
        return result.Output.ReplaceLineEndings("\n");
    }

    /// <summary>The same text, and numbers that are as good as the same.</summary>
    static bool IsSame(string expected, string actual) =>
        Fraction().Replace(expected, "#") == Fraction().Replace(actual, "#")
        && Fraction().Matches(expected).Zip(Fraction().Matches(actual))
            .All(p => Math.Abs(Value(p.First) - Value(p.Second)) <= Math.Max(Tolerance, LastDigit(p.First)));

    /// <summary>One unit of a number's last digit, with a hair more: what lies on the border is rounded either way.</summary>
    static double LastDigit(Match number) => 1.001 * Math.Pow(10, number.Value.IndexOf('.') - number.Value.Length + 1);

    static double Value(Match number) => double.Parse(number.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<block>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^(\$ |(dist/)?severity )")]
    private static partial Regex ShownCommand();

    [GeneratedRegex(@"\d+\.\d+")]
    private static partial Regex Fraction();
}
