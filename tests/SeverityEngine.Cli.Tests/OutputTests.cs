using System.Diagnostics;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using SeverityEngine.Imaging.Encoders;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>
/// What the command writes: never into an input's place, nor into that of a file that is none of its own; and through what is no file.
/// </summary>
public sealed class OutputTests : IDisposable
{
    /// <summary>The system's way to write files, which answers for every temporary file as a full disk does.</summary>
    const string FullDisk = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <stdio.h>
        #include <string.h>
        #include <unistd.h>
        static int full(int file) {
            char link[64], name[4096];
            snprintf(link, sizeof link, "/proc/self/fd/%d", file);
            ssize_t length = readlink(link, name, sizeof name - 1);
            name[length > 0 ? length : 0] = 0;
            if (!strstr(name, ".partial")) return 0;
            errno = ENOSPC;
            return 1;
        }
        ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
            static ssize_t (*real)(int, const void *, size_t, off64_t);
            if (full(file)) return -1;
            if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
            return real(file, bytes, count, at);
        }
        ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) { return pwrite64(file, bytes, count, at); }
        ssize_t write(int file, const void *bytes, size_t count) {
            static ssize_t (*real)(int, const void *, size_t);
            if (full(file)) return -1;
            if (!real) real = dlsym(RTLD_NEXT, "write");
            return real(file, bytes, count);
        }
        """;

    readonly TemporaryFolder _folder = new();

    public OutputTests()
    {
        TestImages.Fill(_folder.Path, 2);
        using MemoryStream picture = new();
        ImageWriter.Write(picture, new PixelBlock(new byte[64 * 64], 64, 64, channels: 1, bytesPerSample: 1), PictureFormat.Png);
        File.WriteAllBytes(_folder["x.png"], picture.ToArray());
        File.WriteAllText(_folder["list.txt"], "image1.bmp\n");
    }

    /// <summary>An option that names a file, and each way to say the same file.</summary>
    public static TheoryData<string, string> Spelled()
    {
        TheoryData<string, string> data = [];
        string[] outputs =
        [
            "-o {0}", "-o {0} --format json", "-o {0} --format csv", "-o {0} --format jsonl", "--features {0}", "--saliency {0}",
            "--saliency {0} --saliency-size original", "--saliency-panel {0}",
        ];
        foreach (string options in outputs)
        {
            foreach (string spelling in (string[])["x.png", "./x.png", "in/../x.png", "link.png", "hard.png", "in/link-back/x.png"])
                data.Add(options, spelling);
        }
        return data;
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Spelled))]
    public void An_output_that_is_the_input_is_refused_and_both_are_named(string options, string spelling)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege");
        Directory.CreateDirectory(_folder["in"]);
        File.CreateSymbolicLink(_folder["link.png"], "x.png");
        Directory.CreateSymbolicLink(_folder["in/link-back"], "..");
        Assert.Equal(0, Command.Run("ln", [_folder["x.png"], _folder["hard.png"]]).ExitCode);
        byte[] before = File.ReadAllBytes(_folder["x.png"]);
        string[] names = Names();
        string[] asked = string.Format(options, spelling).Split(' ');
        CommandResult result = Run(["predict", "x.png", .. asked]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"{asked[0]} {spelling} is the input x.png, which it would destroy; name another file", result.Error);
        Assert.Equal(before, File.ReadAllBytes(_folder["x.png"]));
        Assert.Equal(names, Names());
    }

    [Theory]
    [InlineData("predict --from-list list.txt -o list.txt", "list.txt")]
    [InlineData("predict x.png image1.bmp -o image1.bmp --format json", "image1.bmp")]
    [InlineData("predict x.png --model m.onnx -o m.onnx", "m.onnx")]
    [InlineData("predict x.png --model m.onnx --features m.onnx", "m.onnx")]
    [InlineData("model optimize m.onnx -o m.onnx", "m.onnx")]
    [InlineData("model optimize m.onnx -o ./m.onnx --int8 --calibrate phantoms", "m.onnx")]
    [InlineData("model import list.txt -o list.txt", "list.txt")]
    [InlineData("model import x.png --head list.txt -o list.txt", "list.txt")]
    [InlineData("model import x.png --head ralo --head-file image1.bmp list.txt -o image1.bmp", "image1.bmp")]
    [InlineData("predict . -o image1.bmp --format json --force", "./image1.bmp")]
    [InlineData("predict . -o x.png --format jsonl --force", "./x.png")]
    [InlineData("predict . -o ./image1.bmp --format csv --force", "./image1.bmp")]
    [InlineData("predict . -o rows.csv --features x.png --force", "./x.png")]
    [InlineData("predict . -r -o in/deep.png --format text --force", "./in/deep.png")]
    [InlineData("predict image* -o image1.bmp --format text --force", "image1.bmp")]
    [InlineData("predict --from-list list.txt -o image1.bmp --format json --force", "image1.bmp")]
    [InlineData("model describe m.onnx . -o x.png --force", "./x.png")]
    [InlineData("report rows.jsonl -o x.png --force", "x.png")]
    [InlineData("report rows.jsonl -o in/deep.png --force --images in", "in/deep.png")]
    [InlineData("report rows.jsonl -o xrays.zip --force --no-pictures", "xrays.zip")]
    [InlineData("report rows.jsonl -o map.png --force", "map.png")]
    public void So_is_one_that_is_any_other_file_that_is_read(string arguments, string input)
    {
        File.Copy(Path.Combine(TestData.RepositoryRoot, "models", "severity-compact.onnx"), _folder["m.onnx"]);
        Directory.CreateDirectory(_folder["in"]);
        foreach (string copy in (string[])["in/deep.png", "map.png", "xrays.zip"])
            File.Copy(_folder["x.png"], _folder[copy]);
        File.WriteAllText(_folder["rows.jsonl"], """
            {"file": "x.png", "geographic_extent": 1, "opacity": 2, "saliency": {"picture": "map.png"}}
            {"file": "deep.png", "geographic_extent": 1, "opacity": 2}
            {"file": "xrays.zip/x.png", "geographic_extent": 1, "opacity": 2}

            """);
        byte[] before = File.ReadAllBytes(_folder[input]);
        string[] names = Names();
        CommandResult result = Run(arguments.Split(' '));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"is the input {input}, which it would destroy", result.Error);
        Assert.Equal(before, File.ReadAllBytes(_folder[input]));
        Assert.Equal(names, Names());
    }

    [Fact]
    public void Two_outputs_are_two_files()
    {
        CommandResult result = Run("predict", "x.png", "-o", "new.npy", "--features", "./new.npy");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("-o new.npy and --features ./new.npy are one file; name two", result.Error);
        Assert.False(File.Exists(_folder["new.npy"]));
    }

    [Theory]
    [InlineData("predict image1.bmp -o {0} --format text")]
    [InlineData("predict image1.bmp image2.bmp -o {0} --format text")]
    [InlineData("predict image1.bmp -o {0} --format json")]
    [InlineData("predict image1.bmp -o {0} --format jsonl")]
    [InlineData("predict image1.bmp -o {0} --format csv")]
    [InlineData("predict image1.bmp --saliency {0}.png")]
    [InlineData("predict image1.bmp --saliency {0}.jpg")]
    [InlineData("predict image1.bmp --saliency-panel {0}.png")]
    [InlineData("predict image1.bmp --saliency-raw {0}.npy")]
    [InlineData("predict image1.bmp --features {0}")]
    [InlineData("model optimize m.onnx -o {0}")]
    [InlineData("phantom {0}.png --size 64")]
    [InlineData("phantom {0}.jpg --size 64")]
    public void A_file_that_is_none_of_the_programs_is_not_replaced_and_one_that_is_or_is_empty_is(string arguments)
    {
        File.Copy(Path.Combine(TestData.RepositoryRoot, "models", "severity-compact.onnx"), _folder["m.onnx"]);
        string[] command = string.Format(arguments, "out").Split(' ');
        string file = _folder[command.First(a => a.StartsWith("out", StringComparison.Ordinal))];
        // Somebody's text, picture, array, and list of numbers.
        byte[] dicom = [.. new byte[128], .. "DICM"u8];
        byte[][] foreign =
            ["notes\n"u8.ToArray(), File.ReadAllBytes(_folder["x.png"]), NumpyOfIntegers(), "[1, 2]\n"u8.ToArray(), dicom];
        foreach (byte[] content in foreign)
        {
            File.WriteAllBytes(file, content);
            CommandResult refused = Run(command);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(Path.GetFileName(file), refused.Error);
            Assert.Contains("name another file, or replace this one with --force", refused.Error);
            Assert.Equal(content, File.ReadAllBytes(file));
        }
        File.WriteAllBytes(file, []);
        Assert.Equal(0, Run(command).ExitCode);
        bool holdsRows = command[^1] is "jsonl" or "csv";
        CommandResult again = Run(holdsRows ? [.. command, "--append"] : command);
        Assert.True(again.ExitCode == 0, again.Error);
        Assert.DoesNotContain(Names(), name => name.Contains("partial", StringComparison.Ordinal));
    }

    [Fact]
    public void A_map_gets_another_name_where_something_else_has_its_own()
    {
        Directory.CreateDirectory(_folder["maps"]);
        File.WriteAllText(_folder["maps/image1.saliency.png"], "somebody's");
        Assert.Equal(0, Run("predict", "image1.bmp", "image2.bmp", "--saliency", "maps", "-q").ExitCode);
        Assert.Equal("somebody's", File.ReadAllText(_folder["maps/image1.saliency.png"]));
        Assert.Equal(["image1-2.saliency.png", "image1.saliency.png", "image2.saliency.png"],
            Directory.GetFiles(_folder["maps"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        // A second run replaces its own.
        Assert.Equal(0, Run("predict", "image1.bmp", "image2.bmp", "--saliency", "maps", "-q").ExitCode);
        Assert.Equal(3, Directory.GetFiles(_folder["maps"]).Length);
    }

    [Fact]
    public void Maps_may_go_beside_the_images_and_are_no_images_of_the_next_run()
    {
        string[] arguments = ["predict", ".", "--saliency", ".", "--format", "csv"];
        Assert.Equal(0, Run(arguments).ExitCode);
        CommandResult again = Run(arguments);
        Assert.Equal(0, again.ExitCode);
        Assert.Equal(4, again.Lines.Length); // a heading and three images
        Assert.Contains("3 *.saliency.png of earlier runs (./image1.saliency.png, ...)", again.Error);
        Assert.Equal(["image1.saliency.png", "image2.saliency.png", "x.saliency.png"],
            Names().Where(n => n.Contains("saliency", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_map_that_is_named_as_an_image_is_not_replaced_by_another()
    {
        Assert.Equal(0, Run("predict", "x.png", "--saliency", "x.saliency.png").ExitCode);
        byte[] before = File.ReadAllBytes(_folder["x.saliency.png"]);
        Assert.Equal(0, Run("predict", "x.png", "x.saliency.png", "--saliency", "./").ExitCode);
        Assert.Equal(before, File.ReadAllBytes(_folder["x.saliency.png"]));
        Assert.Equal(["x-2.saliency.png", "x.saliency.png", "x.saliency.saliency.png"],
            Names().Where(n => n.Contains("saliency", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("rows.csv")]
    [InlineData("rows.jsonl")]
    public void With_resume_no_two_rows_name_one_map_and_each_keeps_its_own(string rows)
    {
        // Of one name in several folders, as CheXpert's are; those that come later sort before.
        string[] command = ["predict", "in/*/*.bmp", "--saliency", "maps", "--saliency-raw", "maps", "-o", rows, "--resume", "-q"];
        byte[]? first = null;
        for (int run = 3; run >= 1; run--)
        {
            TestImages.Fill(_folder[$"in/p{run}"], run);
            CommandResult result = Run(command);
            Assert.True(result.ExitCode == 0, result.Error);
            first ??= File.ReadAllBytes(_folder["maps/image1.saliency.png"]);
        }
        string[] lines = File.ReadAllLines(_folder[rows]);
        string[] maps =
            [.. lines.SelectMany(line => line.Split(',', '"').Where(f => f.EndsWith(".saliency.png", StringComparison.Ordinal)))];
        string[] values =
            [.. lines.SelectMany(line => line.Split(',', '"').Where(f => f.EndsWith(".saliency.npy", StringComparison.Ordinal)))];
        Assert.Equal(6, maps.Distinct().Count());
        Assert.Equal(6, maps.Length);
        Assert.Equal(6, values.Distinct().Count());
        Assert.All([.. maps, .. values], path => Assert.True(File.Exists(_folder[path]), path));
        Assert.Equal(first, File.ReadAllBytes(_folder["maps/image1.saliency.png"]));

        // A changed image gets a new row, and its map the name that it had.
        string changed =
            maps[lines.Where(l => l.Contains(".bmp", StringComparison.Ordinal)).ToList().FindIndex(l => l.Contains("p2/image2.bmp"))];
        byte[] old = File.ReadAllBytes(_folder[changed]);
        File.WriteAllBytes(_folder["in/p2/image2.bmp"], TestImages.Bmp(77));
        Assert.Equal(0, Run(command).ExitCode);
        Assert.Equal(12, Directory.GetFiles(_folder["maps"]).Length);
        Assert.NotEqual(old, File.ReadAllBytes(_folder[changed]));
    }

    [Theory]
    [InlineData("x.json")]
    [InlineData("x.txt")]
    [InlineData("x.csv")]
    [InlineData("x.jsonl")]
    public void Of_two_runs_into_one_file_the_second_is_refused(string output)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "mkfifo is a command of Unix");
        // It waits for its list with the output open.
        Assert.Equal(0, Command.Run("mkfifo", [_folder["pipe"]]).ExitCode);
        ProcessStartInfo start =
            new(Command.Binary, ["predict", "--from-list", "pipe", "-o", output, "-q"]) { WorkingDirectory = _folder.Path };
        using Process first = Process.Start(start)!;
        using (StreamWriter list = new(_folder["pipe"]))
        {
            list.WriteLine("image1.bmp");
            list.Flush();
            Assert.True(
                SpinWait.SpinUntil(() => Names().Any(n => n == output || n.EndsWith(".partial", StringComparison.Ordinal)), 20_000));
            CommandResult second = Run("predict", "image2.bmp", "-o", output);
            Assert.Equal(3, second.ExitCode);
            Assert.Contains($"{output}: another run is writing it; wait for its end, or name another file", second.Error);
            list.WriteLine("image2.bmp");
        }
        Assert.True(first.WaitForExit(20_000));
        Assert.Equal(0, first.ExitCode);
        string text = File.ReadAllText(_folder[output]);
        Assert.Equal(2, Images(text));
        if (output == "x.json")
            Assert.Equal(2, JsonDocument.Parse(text).RootElement.GetArrayLength());
    }

    [Fact]
    public void A_run_that_was_killed_bars_no_other()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "mkfifo is a command of Unix");
        Assert.Equal(0, Command.Run("mkfifo", [_folder["pipe"]]).ExitCode);
        ProcessStartInfo start =
            new(Command.Binary, ["predict", "--from-list", "pipe", "-o", "x.json", "-q"]) { WorkingDirectory = _folder.Path };
        using Process killed = Process.Start(start)!;
        using (StreamWriter list = new(_folder["pipe"]))
        {
            Assert.True(SpinWait.SpinUntil(() => Names().Any(n => n.EndsWith(".partial", StringComparison.Ordinal)), 20_000));
            killed.Kill();
            killed.WaitForExit();
        }
        Assert.Equal(0, Run("predict", "image1.bmp", "-o", "x.json", "-q").ExitCode);
        Assert.Equal(1, JsonDocument.Parse(File.ReadAllText(_folder["x.json"])).RootElement.GetArrayLength());
        Assert.DoesNotContain(Names(), n => n.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    [InlineData("jsonl")]
    [InlineData("csv")]
    public void Results_go_through_what_is_no_file(string format)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "/dev/stdout and named pipes");
        string predict = $"'{Command.Binary}' predict image1.bmp image2.bmp --format {format} -q";
        string expected = Stable(Shell(predict));
        Assert.Equal(2, Images(expected));
        Assert.Equal(expected, Stable(Shell($"{predict} -o /dev/stdout")));
        Assert.Equal(expected, Stable(Shell($"{predict} -o /dev/stdout | cat")));
        Assert.Equal(expected, Stable(Shell($"{predict} -o >(gzip > z.gz); sleep 0.5; gzip -dc z.gz")));
        Assert.Equal(expected, Stable(Shell($"mkfifo f; cat f > copy & {predict} -o f; wait; cat copy")));
        // Redirected with >>, it is a file whose end is written to.
        Assert.Equal("before\n" + expected, Stable(Shell($"echo before > log; {predict} -o /dev/stdout >> log; cat log")));
    }

    [Theory]
    [InlineData("predict", "x.png", "-o", "")]
    [InlineData("predict", "x.png", "--saliency", "")]
    [InlineData("predict", "x.png", "--features", "")]
    [InlineData("predict", "x.png", "--model", "")]
    [InlineData("predict", "--from-list", "")]
    [InlineData("model", "optimize", "x.png", "-o", "")]
    public void An_empty_name_is_an_error_of_usage(params string[] arguments)
    {
        CommandResult result = Run(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("is given an empty value", result.Error);
    }

    [UnsupportedOSPlatform("windows")]
    [Theory]
    [InlineData("r.json")]
    [InlineData("r.txt")]
    [InlineData("r.csv")]
    public void A_results_file_keeps_its_mode_and_the_link_to_it_and_its_rows_when_they_are_renewed(string output)
    {
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        string[] resume = output == "r.csv" ? ["--resume"] : [];
        Assert.Equal(0, Run(["predict", "image1.bmp", "image2.bmp", "-q", "-o", output, .. resume]).ExitCode);
        File.SetUnixFileMode(_folder[output], mode);
        File.CreateSymbolicLink(_folder["link" + Path.GetExtension(output)], output);
        File.WriteAllBytes(_folder["image1.bmp"], TestImages.Bmp(55));
        Assert.Equal(0, Run(["predict", "image1.bmp", "image2.bmp", "-q", "-o", "link" + Path.GetExtension(output), .. resume]).ExitCode);
        Assert.Equal(output, new FileInfo(_folder["link" + Path.GetExtension(output)]).LinkTarget);
        Assert.Equal(mode, File.GetUnixFileMode(_folder[output]));
        Assert.Equal(2, Images(File.ReadAllText(_folder[output])));
    }

    [Fact]
    public void A_file_that_may_not_be_changed_is_not_replaced()
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "setpriv makes another user of the administrator alone");
        Assert.Equal(0, Run("predict", "image1.bmp", "-q", "-o", "r.json").ExitCode);
        string before = File.ReadAllText(_folder["r.json"]);
        // The folder is theirs, so that a rename could replace the file.
        File.Copy(Command.Binary, _folder["severity"]);
        Shell("chown -R 65534 .; chown 0 r.json; chmod 644 r.json; chmod 755 severity .");
        CommandResult result = Command.Run(
            "setpriv", ["--reuid=65534", "--clear-groups", "./severity", "predict", "image2.bmp", "-o", "r.json"], _folder.Path);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("r.json: cannot be written: it, or its folder, may not be changed; name another file", result.Error);
        Assert.Equal(before, File.ReadAllText(_folder["r.json"]));
    }

    [Theory]
    [InlineData("predict image1.bmp -q -o out.json", "out.json")]
    [InlineData("predict image1.bmp --saliency out.png", "out.png")]
    [InlineData("predict image1.bmp --saliency-panel out.png", "out.png")]
    [InlineData("predict image1.bmp --saliency-raw out.npy", "out.npy")]
    [InlineData("model optimize m.onnx -o out.onnx", "out.onnx")]
    [InlineData("phantom out.png --size 64", "out.png")]
    public void A_full_disk_is_called_so_and_nothing_is_left_behind(string arguments, string output)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the full disk is a library that is loaded before the system's");
        File.Copy(Path.Combine(TestData.RepositoryRoot, "models", "severity-compact.onnx"), _folder["m.onnx"]);
        Assert.Equal(0, Run(arguments.Split(' ')).ExitCode);
        byte[] before = SHA256.HashData(File.ReadAllBytes(_folder[output]));
        string[] names = Names();
        using TemporaryFolder made = new();
        File.WriteAllText(made["full.c"], FullDisk);
        CommandResult compiled = Command.Run("gcc", ["-shared", "-fPIC", "-o", made["full.so"], made["full.c"], "-ldl"]);
        Assert.True(compiled.ExitCode == 0, compiled.Error);
        Dictionary<string, string> environment = new() { ["LD_PRELOAD"] = made["full.so"] };
        CommandResult result = Command.Run(Command.Binary, arguments.Split(' '), _folder.Path, environment);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("the disk is full; make room, or name a file on another disk", result.Error);
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(_folder[output])));
        Assert.Equal(names, Names());
    }

    CommandResult Run(params string[] arguments) => Command.Run(Command.Binary, arguments, _folder.Path);

    string[] Names() =>
        [.. Directory.GetFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    string Shell(string script)
    {
        CommandResult result = Command.Run("bash", ["-c", script], _folder.Path);
        Assert.True(result.ExitCode == 0, result.Error);
        return result.Output;
    }

    /// <summary>Results without the time that they took: every number but the scores' own is left out.</summary>
    static string Stable(string results) => string.Join('\n', results.Split('\n').Select(line =>
        line.Contains("timings_ms\":{", StringComparison.Ordinal) ? line[..line.IndexOf("\"timings_ms\"", StringComparison.Ordinal)]
        : line.TrimStart() is ['"', 'd' or 'p' or 'i', ..] ? ""
        // The timings stand before the last two columns, which hold no comma here.
        : line.Split(',') is { Length: >= 10 } columns ? string.Join(',', [.. columns[..^5], .. columns[^2..]])
        : line));

    static byte[] NumpyOfIntegers()
    {
        byte[] file = new byte[128 + 8];
        "\u0093NUMPY"u8[1..].CopyTo(file.AsSpan(1));
        file[0] = 0x93;
        file[6] = 1;
        file[8] = 118;
        "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }"u8.CopyTo(file.AsSpan(10));
        return file;
    }

    /// <summary>How many images results name; warnings name theirs once more, before a colon.</summary>
    static int Images(string results) => Regex.Count(results, """(^|"file": ?")[^",\n]*\.bmp(?!: )""", RegexOptions.Multiline);
}
