using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.Native.Tests;

/// <summary>The examples, built as their users build them; each agrees with the command to the last digit.</summary>
public sealed partial class ExampleTests(Examples examples) : IClassFixture<Examples>
{
    [Theory]
    [InlineData("C")]
    [InlineData("C++")]
    [InlineData("C#")]
    [InlineData("Rust")]
    [InlineData("Python")]
    public void Samples_score_as_the_command_scores_them(string language) => AgreesWithCommand(language,
        Directory.GetFiles(Path.Combine(TestData.RepositoryRoot, "tests", "samples"))
        .Where(f => !f.EndsWith(".md", StringComparison.Ordinal)));

    [Theory]
    [InlineData("C")]
    [InlineData("C++")]
    [InlineData("C#")]
    [InlineData("Rust")]
    [InlineData("Python")]
    public void Real_x_rays_score_as_the_command_scores_them(string language) => AgreesWithCommand(language,
        Directory.GetFiles(TestData.Get("data", "cxr")).Order(StringComparer.Ordinal).Take(12));

    [Theory]
    [InlineData("gray-8-37x21", false)]
    [InlineData("gray-16-37x21", true)]
    public void Raw_pixels_from_c_rust_and_python_score_as_the_file_that_they_came_from(string name, bool deep)
    {
        // The array beside the picture was written by Pillow.
        string folder = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "images", "png");
        string png = Path.Combine(folder, $"{name}.png"), npy = Path.Combine(folder, $"{name}.npy");
        using TemporaryFolder written = new();
        string pgm = written[$"{name}.pgm"];
        WritePgm(npy, pgm, deep);
        (double, double) expected = Scores(Command.Severity("predict", "--format", "jsonl", png)).Single();
        Assert.Equal(expected, Printed(examples.Run("C", pgm)).Single());
        Assert.Equal(expected, Printed(examples.Run("Python", npy)).Single());
        if (!deep)
            Assert.Equal(expected, Printed(examples.Run("Rust", pgm)).Single());
    }

    [Theory]
    [InlineData("C")]
    [InlineData("C#")]
    [InlineData("Rust")]
    [InlineData("Python")]
    public void A_bad_image_is_named_and_the_others_are_scored(string language)
    {
        CommandResult result =
            examples.Run(language, "/no/such.png", Path.Combine(TestData.RepositoryRoot, "tests", "samples", "clear.png"));
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("score: /no/such.png: no such file; check the path (file_not_found)\n", result.Error);
        Assert.Single(Printed(result));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/c-abi.md")]
    public void The_program_in_the_documentation_scores_and_ends_with_1_where_it_cannot(string page)
    {
        using TemporaryFolder folder = new();
        string source = folder["example.c"];
        File.WriteAllText(source, CBlock().Match(File.ReadAllText(Path.Combine(TestData.RepositoryRoot, page))).Groups[1].Value);
        using CProgram program = new(source);
        CommandResult failed = Command.Run(program.File, [], folder.Path);
        Assert.Equal((1, ""), (failed.ExitCode, failed.Output));
        Assert.StartsWith("chest.jpeg: no such file", failed.Error);
        File.Copy(Path.Combine(TestData.RepositoryRoot, "tests", "samples", "clear.png"), folder["chest.jpeg"]);
        CommandResult scored = Command.Run(program.File, [], folder.Path);
        Assert.Equal((0, ""), (scored.ExitCode, scored.Error));
        Assert.Matches(@"^\d\.\d of 8, \d\.\d of 6\n$", scored.Output);
    }

    [Fact]
    public void Cmake_installs_the_library_where_cmake_and_pkg_config_find_it()
    {
        (CommandResult run, string flags) = examples.RunInstalled(Path.Combine(TestData.RepositoryRoot, "tests", "samples", "clear.png"));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Single(Printed(run));
        string[] folders = [.. flags.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Where(f => f.StartsWith("-I", StringComparison.Ordinal) || f.StartsWith("-L", StringComparison.Ordinal)).Select(f => f[2..])];
        Assert.Contains(folders, f => File.Exists(Path.Combine(f, "severity.h")));
        Assert.Contains(folders, f => File.Exists(Path.Combine(f, "libseverity.so")));
    }

    [Fact]
    public void Pkg_config_knows_the_version() =>
        Assert.Equal(SeverityRuntime.EngineVersion, Examples.PkgConfig("--modversion").Trim());

    void AgreesWithCommand(string language, IEnumerable<string> files)
    {
        string[] images = [.. files];
        CommandResult command = Command.Severity(["predict", "--format", "jsonl", .. images]);
        CommandResult example = examples.Run(language, images);
        Assert.True(example.ExitCode == 0, example.Error);
        // What the log says is a warning of one picture, if anything: of a figure that is no plain X-ray.
        Assert.All(example.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => Assert.Contains("warning: ", l));
        (double, double)[] expected = [.. Scores(command)];
        Assert.NotEmpty(images);
        Assert.Equal(images.Length, expected.Length);
        Assert.Equal(expected, Printed(example));
    }

    static IEnumerable<(double, double)> Scores(CommandResult command) => command.Lines.Select(line =>
    {
        JsonElement image = JsonDocument.Parse(line).RootElement;
        return (image.GetProperty("geographic_extent").GetDouble(), image.GetProperty("opacity").GetDouble());
    });

    static IEnumerable<(double, double)> Printed(CommandResult example) => example.Lines.Select(line =>
    {
        Match match = Line().Match(line);
        Assert.True(match.Success, line);
        return (double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
            double.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
    });

    static void WritePgm(string npy, string pgm, bool deep)
    {
        using FileStream stream = File.Create(pgm);
        if (deep)
        {
            Npy<ushort> array = Npy<ushort>.Load(npy);
            stream.Write(Encoding.ASCII.GetBytes($"P5 {array.Shape[1]} {array.Shape[0]} 65535\n"));
            ushort[] bigEndian = new ushort[array.Values.Length];
            System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(array.Values, bigEndian);
            stream.Write(MemoryMarshal.AsBytes(bigEndian.AsSpan()));
            return;
        }
        Npy<byte> bytes = Npy<byte>.Load(npy);
        stream.Write(Encoding.ASCII.GetBytes($"P5 {bytes.Shape[1]} {bytes.Shape[0]} 255\n"));
        stream.Write(bytes.Values);
    }

    [GeneratedRegex(@"```c\n(#include.*?)```", RegexOptions.Singleline)]
    private static partial Regex CBlock();

    [GeneratedRegex(@": geographic extent (\S+) of 8, opacity (\S+) of 6$")]
    private static partial Regex Line();
}
