using System.Text;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.Docs.Tests;

/// <summary>
/// docs/command-line.md says what the program does. With SEVERITY_UPDATE=1 its help texts and its table of errors are written anew.
/// </summary>
public partial class CommandLineTests
{
    const string CommandLine = "docs/command-line.md";

    [Fact]
    public void The_help_of_every_command_stands_in_the_page()
    {
        List<string> commands = [];
        AddCommands("", commands);
        Assert.Contains("model check-published", commands);
        foreach (string command in commands)
            Page.AssertBlock(CommandLine, $"help {(command.Length > 0 ? command : "severity")}", $"```\n{Help(command)}\n```\n");
        Assert.Equal(commands.Count, HelpBlock().Count(Page.Read(CommandLine)));
    }

    [Fact]
    public void The_table_of_errors_is_the_programs()
    {
        StringBuilder table = new("| exit code | meaning | error codes |\n| --- | --- | --- |\n");
        (int, string)[] exits = [(0, "ok"), (2, "usage"), (3, "input"), (4, "model"), (5, "internal")];
        foreach ((int exit, string meaning) in exits)
            table.Append($"| {exit} | {meaning} | {string.Join(", ", ErrorsOf(exit))} |\n");
        table.Append("| 130, 143 | ended by Ctrl-C, SIGTERM | |\n| 141 | nobody reads standard output any more | |\n");
        Page.AssertBlock(CommandLine, "errors", table.ToString().Replace("|  |", "| |", StringComparison.Ordinal));
        Assert.All(Enum.GetValues<SeverityError>(), e => Assert.Contains(e.ExitCode(), exits.Select(x => x.Item1)));
    }

    static IEnumerable<string> ErrorsOf(int exit) => Enum.GetValues<SeverityError>()
        .Where(e => e != SeverityError.None && e.ExitCode() == exit)
        .Select(e => $"`{e.Name()}` {(int)e}");

    /// <summary>A command and those below it, as its help lists them.</summary>
    static void AddCommands(string command, List<string> commands)
    {
        commands.Add(command);
        string help = Help(command);
        int list = help.IndexOf("\nCommands:\n", StringComparison.Ordinal);
        if (list < 0)
            return;
        foreach (Match match in CommandName().Matches(help[list..]))
            AddCommands($"{command} {match.Groups[1].Value}".TrimStart(), commands);
    }

    static string Help(string command)
    {
        CommandResult result = Command.Severity([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Usage:", result.Output, StringComparison.Ordinal);
        return string.Join('\n', result.Output.ReplaceLineEndings("\n").Split('\n').Select(l => l.TrimEnd())).Trim('\n')
            .Replace("severity.exe", "severity", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^  ([a-z][a-z-]*)", RegexOptions.Multiline)]
    private static partial Regex CommandName();

    [GeneratedRegex("^<!-- help .*: begin -->$", RegexOptions.Multiline)]
    private static partial Regex HelpBlock();
}
