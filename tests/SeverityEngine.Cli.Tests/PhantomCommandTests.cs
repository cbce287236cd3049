using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

public class PhantomCommandTests
{
    static readonly string s_samples = Path.Combine(TestData.RepositoryRoot, "tests", "samples");

    [Fact]
    public void The_commands_in_the_samples_readme_draw_the_samples()
    {
        const string Prefix = "severity phantom ";
        string[] commands =
            [.. File.ReadLines(Path.Combine(s_samples, "README.md")).Where(l => l.StartsWith(Prefix, StringComparison.Ordinal))];
        Assert.Equal(3, commands.Length);
        using TemporaryFolder folder = new();
        foreach (string command in commands)
        {
            string[] arguments = command[Prefix.Length..].Split(' ');
            CommandResult result = Command.Run(Command.Binary, ["phantom", .. arguments], folder.Path);
            Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
            // The same pixels have the same scores, to the last bit.
            Assert.Equal(Scores(Path.Combine(s_samples, arguments[0])), Scores(folder[arguments[0]]));
        }

        static (int, int, double, double) Scores(string path)
        {
            using JsonDocument json = JsonDocument.Parse(Command.Severity("predict", "--threads", "1", "--format", "jsonl", path).Output);
            JsonElement root = json.RootElement;
            return (root.GetProperty("width").GetInt32(), root.GetProperty("height").GetInt32(),
                root.GetProperty("geographic_extent_raw").GetDouble(), root.GetProperty("opacity_raw").GetDouble());
        }
    }

    [Fact]
    public void A_count_draws_so_many_seeds_into_a_folder_or_by_a_pattern()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(0, Command.Severity("phantom", folder["new/folder"], "--count", "3", "--seed", "7", "--size", "64").ExitCode);
        Assert.Equal(["phantom-7.png", "phantom-8.png", "phantom-9.png"], Names(folder["new/folder"]));
        Assert.Equal(0, Command.Severity("phantom", folder["new/p{seed}.jpg"], "--count", "2", "--seed", "-1", "--size", "64x80").ExitCode);
        Assert.Equal(["p-1.jpg", "p0.jpg"], Names(folder["new"]));
        Assert.NotEqual(File.ReadAllBytes(folder["new/folder/phantom-7.png"]), File.ReadAllBytes(folder["new/folder/phantom-8.png"]));

        static IEnumerable<string?> Names(string path) => Directory.GetFiles(path).Select(Path.GetFileName).Order(StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("a.bmp")]
    [InlineData("a")]
    [InlineData("a.png", "--extent", "8.5")]
    [InlineData("a.png", "--extent", "much")]
    [InlineData("a.png", "--extent", "NaN")]
    [InlineData("a.png", "--extent", "3", "--opacity", "7")]
    [InlineData("a.png", "--opacity", "2")]
    [InlineData("a.png", "--size", "10")]
    [InlineData("a.png", "--size", "100x")]
    [InlineData("a.png", "--size", "100x100x100")]
    [InlineData("a.png", "--size", "-100")]
    [InlineData("a.png", "--size", "30000x30000")]
    [InlineData("a.png", "--bits", "12")]
    [InlineData("a.jpg", "--bits", "16")]
    [InlineData("a.png", "--seed", "99999999999999999999")]
    [InlineData("a.png", "--count", "2")]
    [InlineData("p", "--count", "0")]
    [InlineData("p", "--count", "2", "--extent", "9")]
    [InlineData("p", "--count", "2", "--seed", "9223372036854775807")]
    [InlineData]
    public void Bad_arguments_end_with_exit_code_2_and_draw_nothing(params string[] arguments)
    {
        using TemporaryFolder folder = new();
        CommandResult result = Command.Run(Command.Binary, ["phantom", .. arguments], folder.Path);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("severity: error: ", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_place_that_cannot_be_written_ends_with_exit_code_3()
    {
        using TemporaryFolder folder = new();
        CommandResult result = Command.Severity("phantom", folder["no/such/folder.png"], "--size", "64");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains(folder["no/such/folder.png"], result.Error, StringComparison.Ordinal);
    }
}
