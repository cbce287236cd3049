using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using SeverityEngine.Models;
using SeverityEngine.Tests;

namespace SeverityEngine.Native.Tests;

/// <summary>The library under programs in C, which check each answer themselves.</summary>
public sealed class ProgramTests : IDisposable
{
    /// <summary>What allocators and the collector may move about without anything being lost.</summary>
    const long SlackKiB = 24 << 10;

    readonly TemporaryFolder _folder = new();

    public ProgramTests() => File.WriteAllBytes(Model, MeanModel.Create());

    string Model => _folder["mean.onnx"];

    static string Sample => Path.Combine(TestData.RepositoryRoot, "tests", "samples", "clear.png");

    /// <summary>A radiograph of 16 x 16 pixels with a patient and a study.</summary>
    public static string Dicom => Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "dicom", "planted.dcm");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_function_keeps_its_contract_in_good_calls_and_in_bad_ones()
    {
        using CProgram program = CProgram.Own("contract.c");
        Succeeds(program.Run(ContractArguments()));
    }

    [Fact]
    public void Findings_inputs_pictures_hashes_warnings_and_decoded_pixels_are_given()
    {
        using CProgram program = CProgram.Own("analyze.c");
        Succeeds(Command.Run(program.File, AnalysisArguments(), environment: WithStore()));
    }

    [Fact]
    public void The_wrapper_for_cpp_owns_throws_and_gives_what_the_library_gives()
    {
        using CProgram program = CProgram.Own("wrapper.cpp");
        Succeeds(Command.Run(program.File, [Sample, Model, FindingsModel(), Dicom], environment: WithStore()));
    }

    [Theory]
    [InlineData("contract.c")]
    [InlineData("analyze.c")]
    [InlineData("results.c")]
    public void Valgrind_finds_no_fault_in_the_library_or_its_caller(string source)
    {
        using CProgram program = CProgram.Own(source);
        string[] arguments = source switch
        {
            "contract.c" => ContractArguments(),
            "analyze.c" => AnalysisArguments(),
            _ => ResultArguments(),
        };
        string report = _folder["valgrind.xml"];
        CommandResult result =
            Command.Run("valgrind", ["--xml=yes", $"--xml-file={report}", "--leak-check=full", "--show-leak-kinds=definite",
            "--num-callers=40", program.File, .. arguments], environment: WithStore());
        Succeeds(result);
        MemcheckReport memcheck = MemcheckReport.Load(report);
        Assert.True(memcheck.Finished);
        string faults = string.Join("\n", memcheck.Faults("libseverity", Path.GetFileName(program.File)));
        Assert.True(faults.Length == 0, faults);
    }

    [Fact]
    public void Valgrind_would_see_a_fault()
    {
        // The same judgment on a program that reads a byte too many.
        using CProgram program = CProgram.Own("overrun.c");
        string report = _folder["valgrind.xml"];
        Command.Run("valgrind", ["--xml=yes", $"--xml-file={report}", program.File]);
        Assert.NotEmpty(MemcheckReport.Load(report).Faults("libseverity", Path.GetFileName(program.File)));
    }

    [Fact]
    public void Sixteen_threads_get_their_own_answers_and_an_engine_can_be_destroyed_under_them()
    {
        using CProgram program = CProgram.Own("load.c");
        Succeeds(program.Run(Model));
    }

    [Fact]
    public void Calls_are_canceled_from_other_threads_and_models_that_are_code_are_refused_until_they_are_trusted()
    {
        string slow = _folder["slow.onnx"], code = _folder["code.onnx"];
        File.WriteAllBytes(slow, SlowModel.Create());
        File.WriteAllBytes(code, MeanModel.CreateCode());
        using CProgram program = CProgram.Own("cancel.c");
        Succeeds(program.Run(slow, code, Sample));
    }

    [Fact]
    public void Dicom_files_score_as_their_pixels_do_and_as_the_options_say()
    {
        string samples = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "dicom");
        string file = Path.Combine(samples, "display", "linear-2.dcm"), frames = Path.Combine(samples, "frames.dcm");
        // The pixels by definition: a ramp over 12 bits, and its window of 1500 around 2000.
        ushort[] pixels = [.. Enumerable.Range(0, 256).Select(i => (ushort)(i * 4095 / 255))];
        ushort[] shown = [.. pixels.Select(p => (ushort)Math.Round(65535 * Math.Clamp((p - 1999.5) / 1499 + 0.5, 0, 1)))];
        File.WriteAllBytes(_folder["pixels"], MemoryMarshal.AsBytes<ushort>(pixels));
        File.WriteAllBytes(_folder["shown"], MemoryMarshal.AsBytes<ushort>(shown));
        using CProgram program = CProgram.Own("dicom.c");
        Succeeds(program.Run(Model, file, frames, Path.Combine(samples, "ct.dcm"), _folder["pixels"], _folder["shown"]));
    }

    [Fact]
    public void Results_as_dicom_objects_fill_the_callers_buffers_with_what_the_command_writes()
    {
        using CProgram program = CProgram.Own("results.c");
        Succeeds(Command.Run(program.File, ResultArguments(), environment: WithStore()));
        CommandResult command = Command.Run(Command.Binary, ["predict", Dicom, "--model", Model, "--dicom-report",
            _folder["command-report.dcm"], "--dicom-saliency", _folder["command-capture.dcm"]], environment: WithStore());
        Assert.True(command.ExitCode == 0, command.Error);
        foreach (string kind in (string[])["report", "capture"])
        {
            Assert.Equal(File.ReadAllBytes(_folder[$"command-{kind}.dcm"]), File.ReadAllBytes(_folder[$"{kind}.dcm"]));
            CommandResult judged = Command.Run("dciodvfy", ["-new", _folder[$"{kind}.dcm"]]);
            Assert.DoesNotContain("Error", judged.Output + judged.Error);
        }
    }

    [Fact]
    public void Want_of_memory_is_not_the_models_fault()
    {
        using CProgram program = CProgram.Own("memory.c");
        Succeeds(program.Run());
    }

    [Fact]
    public void The_hosts_signals_locale_rounding_forks_and_dlclose_are_left_alone()
    {
        using CProgram program = CProgram.Own("host.c");
        Succeeds(program.Run(CProgram.Library, Model));
    }

    [Fact]
    public void Five_hundred_engines_made_and_destroyed_leave_memory_flat()
    {
        using CProgram program = CProgram.Own("churn.c");
        CommandResult result = program.Run("500");
        Assert.True(result.ExitCode == 0, result.Error);
        long[] resident = [.. result.Output.Split(' ').Select(kib => long.Parse(kib, CultureInfo.InvariantCulture))];
        Assert.InRange(resident[0], 1, long.MaxValue);
        Assert.InRange(resident[1] - resident[0], long.MinValue, SlackKiB);
    }

    [Fact]
    public void The_library_makes_no_socket_and_no_file()
    {
        using CProgram program = CProgram.Own("churn.c");
        string trace = _folder["trace"], home = Directory.CreateDirectory(_folder["home"]).FullName;
        Dictionary<string, string> environment = new() { ["HOME"] = home, ["PATH"] = Environment.GetEnvironmentVariable("PATH")! };
        const string Calls =
            "trace=socket,connect,creat,open,openat,mkdir,mkdirat,mknod,mknodat,link,linkat,symlink,symlinkat,rename,renameat,renameat2";
        CommandResult result = Command.Run("strace", ["-f", "-qq", "-o", trace, "-e", Calls, program.File, "1"], home, environment);
        Assert.True(result.ExitCode == 0, result.Error);
        string[] calls = File.ReadAllLines(trace);
        // The trace has to hold what it must: the library's own opening.
        Assert.Contains(calls, c => c.Contains("libseverity.so"));
        Assert.All(calls.Where(c => !c.Contains("+++")), c => Assert.Matches(@"^\d+ +open(at)?\(", c));
        Assert.DoesNotContain(calls, c => c.Contains("O_CREAT"));
        Assert.Empty(Directory.GetFileSystemEntries(home));
    }

    string[] ContractArguments()
    {
        string foreign = _folder["röntgen-胸.png"];
        File.Copy(Sample, foreign, overwrite: true);
        return [Sample, Model, foreign, _folder.Path];
    }

    string[] AnalysisArguments()
    {
        string images = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "images", "png"), pixels = _folder["deep.pixels"];
        // The array beside the picture was written by Pillow.
        File.WriteAllBytes(pixels, MemoryMarshal.AsBytes<ushort>(Npy<ushort>.Load(Path.Combine(images, "gray-16-37x21.npy")).Values));
        string model = FindingsModel();
        using JsonDocument row = JsonDocument.Parse(Command.Severity("predict", "--format", "jsonl", "--model", model, Sample).Output);
        string contrast = row.RootElement.GetProperty("domain").GetProperty("contrast_ratio").GetRawText();
        return [Sample, Sha256(Sample), model, Sha256(model), Path.Combine(images, "rgb-8-37x21.png"),
            Path.Combine(images, "gray-16-37x21.png"), pixels, contrast];
    }

    string[] ResultArguments() =>
    [
        Model, Dicom, Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "dicom", "display", "linear-2.dcm"), Sample,
        _folder["report.dcm"], _folder["capture.dcm"],
    ];

    string FindingsModel()
    {
        string model = _folder["findings.onnx"];
        File.WriteAllBytes(model, MeanModel.CreateWithFindings());
        return model;
    }

    /// <summary>An environment with a fixed day, whose store of models has one that is as it was installed, and one that is not.</summary>
    Dictionary<string, string> WithStore()
    {
        ModelStore store = new(_folder["store"]);
        byte[] model = MeanModel.CreateWithFindings();
        store.Install("good", model, []);
        string changed = store.Install("changed", model, []).Path;
        model[^1] ^= 1;
        File.WriteAllBytes(changed, model);
        return new()
        {
            ["SEVERITY_HOME"] = store.Folder,
            ["SOURCE_DATE_EPOCH"] = "1600000000",
            ["PATH"] = Environment.GetEnvironmentVariable("PATH")!,
        };
    }

    static string Sha256(string path) => Command.Run("sha256sum", [path]).Output[..64];

    /// <summary>Standard error too is the host's: a library that writes there fails.</summary>
    static void Succeeds(CommandResult result)
    {
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal("ok\n", result.Output);
        Assert.Equal("", result.Error);
    }
}
