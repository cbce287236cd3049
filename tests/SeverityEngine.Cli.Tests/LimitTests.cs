using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>What is refused by size, when a run ends, and what an output may replace.</summary>
public class LimitTests
{
    // The three samples: 640 x 640 pixels each, of some hundred thousand bytes.
    static string Sample(string name) => Path.Combine(TestData.RepositoryRoot, "tests", "samples", name);

    [Theory]
    [InlineData("--max-side", "639", "640")]
    [InlineData("--max-pixels", "409599", "409600")]
    [InlineData("--max-file-size", "100", "9M")]
    public void A_limit_refuses_what_is_beyond_it_and_names_itself(string option, string tooSmall, string enough)
    {
        string image = Sample("clear.png");
        foreach (string[] command in (string[][])[["predict"], ["bench", "--iterations", "1", "--warm-up", "0", "--threads", "1"]])
        {
            CommandResult refused = Command.Run(Command.Binary, [.. command, image, option, tooSmall]);
            Assert.Equal((3, ""), (refused.ExitCode, refused.Output));
            Assert.Contains($"raise the limit ({option})", refused.Error, StringComparison.Ordinal);
            Assert.Equal(0, Command.Run(Command.Binary, [.. command, image, option, enough]).ExitCode);
        }
    }

    [Theory]
    [InlineData("--max-side", "0")]
    [InlineData("--max-pixels", "-1")]
    [InlineData("--max-file-size", "0")]
    [InlineData("--max-file-size", "2T")]
    [InlineData("--max-file-size", "99999999999999G")]
    [InlineData("--max-file-size", "M")]
    public void A_limit_that_is_none_is_refused(string option, string value)
    {
        CommandResult result = Command.Run(Command.Binary, ["predict", "x.png", option, value]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(option, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_is_bytes_or_so_many_times_1024()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["x.png"], new byte[(2 << 20) + 1]);
        foreach (string size in (string[])["2097152", "2048K", "2048k", "2M", "2m"])
            Assert.Contains("larger than 2097152 bytes", Limited(size).Error);
        Assert.DoesNotContain("larger than", Limited("1G").Error);

        CommandResult Limited(string size) => Command.Run(Command.Binary, ["predict", folder["x.png"], "--max-file-size", size]);
    }

    [Fact]
    public void Fail_fast_ends_the_run_at_the_first_error_and_keeps_the_rows_before_it()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["bad.png"], "no image");
        string[] images = [Sample("clear.png"), folder["bad.png"], .. Enumerable.Repeat(Sample("severe.png"), 400)];
        CommandResult result = Command.Run(Command.Binary, ["predict", .. images, "--fail-fast", "--format", "jsonl", "--threads", "1"]);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("clear.png", result.Lines[0], StringComparison.Ordinal);
        Assert.Contains("image_format_unknown", result.Lines[1], StringComparison.Ordinal);
        Assert.InRange(result.Lines.Length, 2, 200);
        Assert.Contains("ended at the first error, as --fail-fast asks", result.Error, StringComparison.Ordinal);

        Assert.Equal(402, Command.Run(Command.Binary, ["predict", .. images, "--format", "jsonl"]).Lines.Length);
    }

    [Fact]
    public void Force_replaces_what_an_output_is_refused_for()
    {
        using TemporaryFolder folder = new();
        string image = Sample("clear.png");
        Run(3, "predict", image, "-o", "rows.csv", "--max-side", "1");
        File.Copy(folder["rows.csv"], folder["old.csv"]);
        Run(2, "predict", image, "-o", "rows.csv");
        Run(0, "predict", image, "-o", "rows.csv", "--force");
        Assert.Equal(2, File.ReadAllLines(folder["rows.csv"]).Length);
        Assert.DoesNotContain("image_too_large", File.ReadAllText(folder["rows.csv"]));

        foreach ((string name, string[] arguments) in ((string, string[])[])[
            ("other.csv", ["predict", image, "-o", "other.csv"]),
            ("other.txt", ["predict", image, "-o", "other.txt"]),
            ("other.json", ["predict", image, "-o", "other.json"]),
            ("other.npy", ["predict", image, "--features", "other.npy"]),
            ("other.png", ["predict", image, "--saliency", "other.png"]),
            ("drawn.png", ["phantom", "drawn.png"])])
        {
            File.WriteAllText(folder[name], "something else");
            Run(2, arguments);
            Assert.Equal("something else", File.ReadAllText(folder[name]));
            Run(0, [.. arguments, "--force"]);
            Assert.NotEqual("something else", File.ReadAllText(folder[name]));
        }

        // Of a run that has no row the old ones stay.
        Run(4, "predict", image, "-o", "old.csv", "--force", "--model", "no-such-model");
        Directory.CreateDirectory(folder["empty"]);
        Run(3, "predict", folder["empty"], "-o", "old.csv", "--force");
        Assert.Contains("image_too_large", File.ReadAllText(folder["old.csv"]));

        void Run(int code, params string[] arguments)
        {
            CommandResult result = Command.Run(Command.Binary, arguments, folder.Path);
            Assert.True(code == result.ExitCode, $"{string.Join(' ', arguments)}: {result.ExitCode}, {result.Error}");
        }
    }

    [Fact]
    public void Force_never_replaces_an_input()
    {
        using TemporaryFolder folder = new();
        File.Copy(Sample("clear.png"), folder["x.png"]);
        byte[] before = File.ReadAllBytes(folder["x.png"]);
        foreach (string[] output in (string[][])[["-o", "x.png"], ["--saliency", "x.png"], ["-o", "./x.png", "--format", "csv"]])
            Assert.Equal(2, Command.Run(Command.Binary, ["predict", "x.png", .. output, "--force"], folder.Path).ExitCode);
        Assert.Equal(before, File.ReadAllBytes(folder["x.png"]));
    }

    [Fact]
    public void Errors_of_a_table_on_standard_output_are_not_repeated()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["bad.png"], "no image");
        string[] command = ["predict", "bad.png", Sample("clear.png"), "-q"];
        CommandResult quiet = Command.Run(Command.Binary, command, folder.Path);
        CommandResult loud = Command.Run(Command.Binary, command[..^1], folder.Path);
        Assert.Equal((3, 3), (quiet.ExitCode, loud.ExitCode));
        Assert.Equal(quiet.Output, loud.Output);
        Assert.Contains("bad.png: error (image_format_unknown): not an image in a format that is known; ", loud.Output);
        Assert.Equal("", loud.Error);
    }
}
