using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Native.Tests;

/// <summary>The wheel for Python, installed as its users install it: into an environment of its own, from the file alone.</summary>
public sealed class WheelTests : IDisposable
{
    const string Python = "/usr/bin/python3";

    readonly TemporaryFolder _folder = new();

    static string Sources => Path.Combine(TestData.RepositoryRoot, "python");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_wheel_installs_without_an_index_and_its_package_does_what_it_says_with_and_without_numpy()
    {
        Require("import venv, ensurepip", "python3-venv");
        Require("import numpy", "python3-numpy");
        string wheel = Build(_folder["wheels"]);
        Succeeds(Command.Run(Python, ["-m", "venv", "--system-site-packages", _folder["venv"]]));
        string python = Path.Combine(_folder["venv"], "bin", "python3");
        Succeeds(Command.Run(python, ["-m", "pip", "install", "--no-index", "--no-deps", "--disable-pip-version-check", "-q", wheel]));

        string program = Path.Combine(TestData.RepositoryRoot, "tests", "SeverityEngine.Native.Tests", "Programs", "wheel.py");
        string images = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "images", "png");
        string sample = Path.Combine(TestData.RepositoryRoot, "tests", "samples", "clear.png");
        string model = _folder["findings.onnx"], pixels = _folder["pixels"];
        File.WriteAllBytes(model, MeanModel.CreateWithFindings());
        // The array beside the picture was written by Pillow.
        File.WriteAllBytes(pixels, MemoryMarshal.AsBytes<ushort>(Npy<ushort>.Load(Path.Combine(images, "gray-16-37x21.npy")).Values));
        using JsonDocument row = JsonDocument.Parse(Command.Severity("predict", "--format", "jsonl", sample).Output);
        foreach (string use in (string[])["with", "without"])
        {
            CommandResult result = Command.Run(python, [program, use, sample, model, Command.Run("sha256sum", [model]).Output[..64],
                Path.Combine(images, "gray-16-37x21.png"), pixels, Path.Combine(images, "rgb-8-37x21.png"),
                row.RootElement.GetProperty("geographic_extent").GetRawText(), row.RootElement.GetProperty("opacity").GetRawText(),
                ProgramTests.Dicom],
                _folder.Path, new Dictionary<string, string> { ["SEVERITY_HOME"] = _folder["store"], ["PATH"] = "/usr/bin:/bin" });
            Succeeds(result);
            Assert.Equal("ok\n", result.Output);
        }
    }

    [Fact]
    public void The_wheel_asks_for_no_older_c_library_than_the_one_that_its_library_needs_and_is_the_same_each_time()
    {
        Require("import zipfile", "python3");
        string first = Build(_folder["first"]), second = Build(_folder["second"]);
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        // objdump reads the versions from the symbols, where the script looks for their names.
        CommandResult symbols = Command.Run("objdump", ["-T", CProgram.Library]);
        Assert.Equal(0, symbols.ExitCode);
        int needed = symbols.Output.Split("GLIBC_2.").Skip(1)
            .Max(s => int.Parse(string.Concat(s.TakeWhile(char.IsAsciiDigit)), CultureInfo.InvariantCulture));
        Assert.Matches(@"^severity_engine-[^-]+-py3-none-manylinux_2_\d+_\w+\.whl$", Path.GetFileName(first));
        int asked = int.Parse(string.Concat(first.Split("manylinux_2_")[1].TakeWhile(char.IsAsciiDigit)), CultureInfo.InvariantCulture);
        Assert.InRange(asked, needed, needed + 2);
    }

    [Fact]
    public void The_packages_types_hold()
    {
        Require("import mypy", "mypy");
        CommandResult result = Command.Run(Python, ["-m", "mypy", "--strict", "--ignore-missing-imports",
            "--cache-dir", _folder["mypy"], Path.Combine(Sources, "severity_engine")]);
        Assert.True(result.ExitCode == 0, result.Output);
    }

    static string Build(string folder)
    {
        CommandResult result = Command.Run(Python, ["-B", Path.Combine(Sources, "build_wheel.py"), CProgram.Library, folder]);
        Succeeds(result);
        return result.Output.Trim();
    }

    static void Require(string statement, string package)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the wheel is tested on Linux, with the system's Python");
        Assert.SkipUnless(File.Exists(Python) && Command.Run(Python, ["-c", statement]).ExitCode == 0,
            $"'{statement}' fails in {Python} (Debian: apt-get install {package})");
    }

    static void Succeeds(CommandResult result) => Assert.True(result.ExitCode == 0, result.Output + result.Error);
}
