using SeverityEngine.Tests;

namespace SeverityEngine.Server.Tests;

/// <summary>What people read of the server says what it does.</summary>
public class DocumentTests
{
    [Fact]
    public void The_help_stands_in_the_page()
    {
        const string Begin = "<!-- help severity-server: begin -->\n", End = "<!-- help severity-server: end -->";
        string page = Path.Combine(TestData.RepositoryRoot, "docs", "server.md"), text = File.ReadAllText(page).ReplaceLineEndings("\n");
        CommandResult result = Command.Run(RunningServer.Binary, ["--help"]);
        string help = string.Join('\n', result.Output.ReplaceLineEndings("\n").Split('\n').Select(l => l.TrimEnd())).Trim('\n');
        Assert.Contains("--unix-socket", help, StringComparison.Ordinal);
        Assert.True(help.All(char.IsAscii), help);
        int first = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, last = text.IndexOf(End, StringComparison.Ordinal);
        Updated.AssertFile(page, $"{text[..first]}```text\n{help}\n```\n{text[last..]}");
    }

    [Fact]
    public void The_service_is_one_that_systemd_takes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "systemd is Linux's");
        using TemporaryFolder folder = new();
        string unit = Path.Combine(TestData.RepositoryRoot, "packaging", "systemd", "severity-server.service");
        // The program need not be installed where it is tested.
        string copy = folder["severity-server.service"], text = File.ReadAllText(unit);
        Assert.Contains("ExecStart=/usr/bin/severity-server ", text, StringComparison.Ordinal);
        File.WriteAllText(copy, text.Replace("/usr/bin/severity-server ", $"{RunningServer.Binary} ", StringComparison.Ordinal));
        CommandResult result = Command.Run(NodeFolder.Tool("systemd-analyze", "systemd"), ["verify", "--man=no", copy]);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        // Each line that systemd does not know is a warning, with the exit code of success.
        Assert.DoesNotContain("severity-server.service", result.Output + result.Error, StringComparison.Ordinal);
    }
}
