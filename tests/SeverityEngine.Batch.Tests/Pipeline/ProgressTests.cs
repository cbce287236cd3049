using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Pipeline;

public class ProgressTests
{
    /// <summary>Runs the command on a terminal of its own: util-linux's script makes one.</summary>
    static CommandResult OnTerminal(string folder, string arguments, string before = "")
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script") && OperatingSystem.IsLinux(), "needs script, of util-linux");
        return Command.Run("/usr/bin/script", ["-qec", $"{before}{Command.Binary} {arguments}", "/dev/null"], folder);
    }

    [Fact]
    public void A_terminal_shows_a_bar_with_errors_above_it_and_a_summary_after_it()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 59);
        // The last image comes from a pipe, a second after it is asked for: a machine may be done with the others before a bar is drawn.
        string slow = "mkfifo slow.bmp; (exec 3> slow.bmp; sleep 1; cat in/image1.bmp >&3) & ";
        CommandResult result = OnTerminal(folder.Path, "predict in gone.png slow.bmp -o rows.csv", slow);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("\u2501", result.Output);
        Assert.Matches(@"\d+ of 61 images, \d+\.\d a second", result.Output);
        Assert.Contains("error: gone.png", result.Output);
        Assert.Matches(@"61 images in \d+\.\d+ s, \d+\.\d a second, 1 failed; the rows are in rows\.csv", result.Output);
    }

    [Theory]
    [InlineData("predict in -o rows.csv --quiet")]
    [InlineData("predict in/image1.bmp -o rows.txt")]
    [InlineData("predict in")]
    public void There_is_no_bar_where_it_is_not_wanted(string arguments)
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 3);
        CommandResult result = OnTerminal(folder.Path, arguments);
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("\u2501", result.Output);
        Assert.Equal(arguments.EndsWith("quiet", StringComparison.Ordinal), result.Output.Length == 0);
    }

    [Fact]
    public void Where_standard_error_is_no_terminal_a_short_run_prints_its_summary_alone()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 3);
        CommandResult result = Command.Run(Command.Binary, ["predict", "in", "-o", "rows.csv"], folder.Path);
        // The pictures are noise, which each is warned of.
        Assert.Matches(@"^(severity: warning: in/image\d\.bmp: [^\n]+\n){3}"
            + @"severity: 3 images in \d+\.\d+ s, \d+\.\d a second; the rows are in rows\.csv\n$", result.Error);
    }
}
