using SeverityEngine.Programs;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>Words that are no commands, help in all its spellings, completion in real shells, and the manual page.</summary>
public sealed class CommandLineTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("predcit", "unknown command 'predcit'; did you mean 'predict'?", "severity")]
    [InlineData("Bench x.png", "unknown command 'Bench'; did you mean 'bench'?", "severity")]
    [InlineData("chest", "unknown command 'chest'; there are predict, watch, merge, evaluate, calibrate, report, bench, ", "severity")]
    [InlineData("model instal xrv", "unknown command 'model instal'; did you mean 'model install'?", "severity model")]
    [InlineData("model import x.pt --ot y", "--ot", "severity model import")]
    [InlineData("predict --bacth 3 x.png", "There is no option --bacth", "severity predict")]
    [InlineData("bench --bacth 3", "There is no option --bacth", "severity bench")]
    public void A_word_that_is_no_command_is_named_once_and_the_right_help_with_it(string arguments, string said, string help)
    {
        CommandResult result = Command.Severity(arguments.Split(' '));
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(said, result.Error, StringComparison.Ordinal);
        Assert.Contains($"Run '{help} --help' for its options.", result.Error, StringComparison.Ordinal);
        if (said.StartsWith("unknown", StringComparison.Ordinal))
            Assert.Equal(2, result.Error.TrimEnd().Split('\n').Length);
    }

    [Theory]
    [InlineData("gone.png")]
    [InlineData("gone/chest")]
    [InlineData("gone*")]
    public void What_can_only_be_an_image_is_one(string image) =>
        Assert.Equal(3, Command.Severity(image).ExitCode);

    [Fact]
    public void A_file_that_is_there_is_an_image_whatever_it_is_called()
    {
        string name = "chest";
        File.Copy(Path.Combine(TestData.RepositoryRoot, "tests", "samples", "clear.png"), _folder[name]);
        Assert.Equal(0, Command.Run(Command.Binary, [name], _folder.Path).ExitCode);
    }

    [Fact]
    public void Help_and_version_are_there_in_each_usual_spelling()
    {
        Assert.Equal(Command.Severity("--help").Output, Command.Severity("help").Output);
        Assert.Equal(Command.Severity("model", "import", "--help").Output, Command.Severity("help", "model", "import").Output);
        Assert.Equal(Command.Severity("--version").Output, Command.Severity("-V").Output);
        CommandResult unknown = Command.Severity("help", "modle");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("did you mean 'model'?", unknown.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("predict", "predict", 0)]
    [InlineData("predcit", "predict", 1)]
    [InlineData("PREDICT", "predict", 0)]
    [InlineData("bensch", "bench", 1)]
    [InlineData("", "help", 4)]
    [InlineData("phanom", "phantom", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Mistakes_are_counted_as_people_make_them(string word, string name, int mistakes) =>
        Assert.Equal(mistakes, UnknownCommand.Mistakes(word, name));

    public static TheoryData<string, string> Completions => new()
    {
        { "severity pre", "predict" },
        { "severity model im", "import" },
        { "severity model import --head-", "--head-file" },
        { "severity predict --format js", "json jsonl" },
        { "severity predict x.png --unord", "--unordered" },
        { "severity completion f", "fish" },
    };

    [Theory]
    [MemberData(nameof(Completions))]
    public void Bash_completes(string typed, string expected)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "needs bash");
        string script = $$"""
            source <('{{Command.Binary}}' completion bash)
            COMP_WORDS=({{typed}}); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )); _severity; echo "${COMPREPLY[*]}"
            """;
        CommandResult result = Command.Run("/bin/bash", ["--norc", "-c", script]);
        Assert.Equal((expected, ""), (result.Output.Trim(), result.Error));
    }

    [Theory]
    [MemberData(nameof(Completions))]
    public void Fish_completes(string typed, string expected)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/fish"), "needs fish: apt-get install fish");
        CommandResult result = Command.Run("/usr/bin/fish",
            ["--no-config", "-c", $"'{Command.Binary}' completion fish | source; complete -C '{typed}'"]);
        // Files that lie there are offered beside them.
        Assert.All(expected.Split(' '), word => Assert.Contains(word, result.Lines));
    }

    [Fact]
    public void Zsh_takes_the_script()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/zsh"), "needs zsh: apt-get install zsh");
        string script = $"autoload -U compinit && compinit -u -D && source <('{Command.Binary}' completion zsh) && "
            + "echo ${_comps[severity]}";
        CommandResult result = Command.Run("/usr/bin/zsh", ["-f", "-c", script]);
        Assert.Equal("", result.Error);
        Assert.Contains("_severity", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_manual_page_has_every_command_and_option_and_its_readers_find_no_fault()
    {
        string page = Command.Severity("help", "--man").Output;
        File.WriteAllText(_folder["severity.1"], page);
        foreach (string said in (string[])["severity model check\\-published", "\\-\\-dicom\\-voi none|window|auto", "file_not_found"])
            Assert.Contains(said, page, StringComparison.Ordinal);
        Assert.SkipUnless(File.Exists("/usr/bin/groff"), "needs groff: apt-get install groff-base");
        CommandResult shown = Command.Run("/usr/bin/groff", ["-man", "-ww", "-Tascii", "-P-cbou", _folder["severity.1"]]);
        Assert.Equal((0, ""), (shown.ExitCode, shown.Error));
        Assert.Contains("severity predict IMAGE", shown.Output, StringComparison.Ordinal);
    }
}
