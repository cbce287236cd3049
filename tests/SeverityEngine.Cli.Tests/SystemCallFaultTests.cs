using System.Globalization;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>
/// Has the system refuse one call after the other (<c>strace --inject</c>): each run ends with an exit code of the table and in few words,
/// writes no torn row, and reports nothing as written that is not there. SEVERITY_FAULTS sets how many calls of each kind are refused,
/// evenly spread over a run; <c>all</c> is for all of them.
/// </summary>
public sealed class SystemCallFaultTests : IDisposable
{
    const int UsualCalls = 3;

    readonly TemporaryFolder _folder = new();

    public SystemCallFaultTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "strace is Linux's");
        TestImages.Fill(_folder["in"], 3);
    }

    static int Calls => Environment.GetEnvironmentVariable("SEVERITY_FAULTS") switch
    {
        null or "" => UsualCalls,
        "all" => int.MaxValue,
        string asked => int.Parse(asked, CultureInfo.InvariantCulture),
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("openat", "EMFILE ENOMEM EACCES EIO")]
    [InlineData("read", "EIO ENOMEM")]
    [InlineData("pread64", "EIO")]
    [InlineData("write", "EPIPE ENOSPC EIO")]
    [InlineData("pwrite64", "ENOSPC EIO")]
    [InlineData("statx", "EIO ENOMEM")]
    [InlineData("newfstatat", "EIO")]
    [InlineData("fstat", "EIO")]
    [InlineData("lseek", "EIO")]
    [InlineData("flock", "EIO ENOMEM")]
    [InlineData("fsync", "EIO ENOSPC")]
    [InlineData("ftruncate", "EIO ENOSPC")]
    [InlineData("rename", "EIO ENOSPC EACCES")]
    [InlineData("fchmod", "EPERM")]
    [InlineData("unlink", "EIO")]
    [InlineData("mkdir", "EIO ENOSPC")]
    [InlineData("close", "EIO")]
    [InlineData("getdents64", "EIO ENOMEM")]
    [InlineData("getcwd", "ENOMEM")]
    [InlineData("memfd_create", "EMFILE ENOMEM")]
    [InlineData("mmap", "ENOMEM")]
    [InlineData("mprotect", "ENOMEM")]
    [InlineData("madvise", "ENOMEM")]
    [InlineData("clone3", "EAGAIN ENOMEM")]
    [InlineData("fcntl", "EBADF")]
    [InlineData("ioctl", "EIO")]
    [InlineData("fadvise64", "EINVAL")]
    [InlineData("readlink", "EIO")]
    [InlineData("pipe2", "EMFILE")]
    [InlineData("sched_getaffinity", "EINVAL")]
    [InlineData("prlimit64", "EPERM")]
    [InlineData("sysinfo", "ENOMEM")]
    [InlineData("getrandom", "EINVAL")]
    public void Whatever_the_system_refuses_ends_in_few_words_and_whole_rows(string call, string errors)
    {
        int runs = 0;
        Dictionary<int, int> ends = [];
        Output file = new("csv", "rows.csv");
        foreach (Output output in Calls == UsualCalls ? (Output[])[file] : [file, new("csv", null), new("json", "rows.json")])
        {
            Run plain = Start(output, call, inject: null);
            Assert.Equal(0, plain.Result.ExitCode);
            string[] rows = Rows(output, plain);
            Assert.Equal(3, rows.Length);
            foreach (string error in errors.Split(' '))
            {
                foreach (int number in Spread(plain.MostCalls, Calls))
                {
                    Run run = Start(output, call, $"inject={call}:error={error}:when={number}");
                    Judge(output, run, rows, $"{call} {error} #{number} of {plain.MostCalls} ({output})");
                    ends[run.Result.ExitCode] = ends.GetValueOrDefault(run.Result.ExitCode) + 1;
                    runs++;
                }
            }
        }
        Assert.True(runs > 0 || call is "rename" or "fchmod" or "unlink" or "mkdir" or "ftruncate" or "getrandom" or "madvise" or "sysinfo"
            or "ioctl" or "pipe2", $"no run calls {call}");
        string table = string.Join(", ", ends.OrderBy(e => e.Key).Select(e => $"{e.Value} ended with {e.Key}"));
        TestContext.Current.TestOutputHelper?.WriteLine($"{call}: {runs} runs: {table}");
    }

    void Judge(Output output, Run run, string[] whole, string what)
    {
        CommandResult result = run.Result;
        string[] lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        what = $"{what}: ended with {result.ExitCode}: {result.Error}{run.Injected}";
        // Until the program's own code runs, the loader and the runtime end it as they do.
        if (!run.OwnCodeRan && result.ExitCode is 127 or 255 or 134 or 139)
            return;
        // ONNX Runtime's look at the processors does not survive if it may read one of these two lists a first time and not a second.
        if (result.ExitCode == 139 && run.ReadsProcessors)
            return;

        Assert.True(result.ExitCode is 0 or 3 or 4 or 5 or 141, what);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("please report", result.Error, StringComparison.Ordinal);
        Assert.True(lines.Length <= 6, what);
        Assert.True(result.ExitCode is 0 or 141 || lines.Length > 0 || run.Refused(2), what);
        string[] rows = Rows(output, run);
        if (result.ExitCode == 0)
            Assert.True(whole.SequenceEqual(rows.Order(StringComparer.Ordinal)), what);
        foreach (string row in rows)
            Assert.True(whole.Contains(row) || row.Contains(",error", StringComparison.Ordinal), $"{what}: a row that is {row}");
    }

    /// <summary>The rows that can be read, each as its file and scores, or as an error.</summary>
    string[] Rows(Output output, Run run)
    {
        string? text = output.File is null ? run.Result.Output
            : File.Exists(_folder[output.File]) ? File.ReadAllText(_folder[output.File]) : null;
        if (string.IsNullOrEmpty(text))
            return [];
        if (output.Format == "json")
        {
            using JsonDocument rows = JsonDocument.Parse(text);
            return [.. rows.RootElement.EnumerateArray().Select(row => row.TryGetProperty("geographic_extent", out JsonElement extent)
                && extent.ValueKind == JsonValueKind.Number
                ? $"{row.GetProperty("file")},{extent},{row.GetProperty("opacity")}" : $"{row.GetProperty("file")},error")];
        }
        // A reader of CSV takes a line without an end for a row too: it has to be whole, or is not to be there.
        string[] lines = text.Split('\n');
        string[] heading = lines[0].TrimEnd('\r').Split(',');
        int extentColumn = Array.IndexOf(heading, "geographic_extent"), opacityColumn = Array.IndexOf(heading, "opacity");
        Assert.True(extentColumn > 0 && lines[^1].Length == 0, $"torn: {text}");
        return [.. lines[1..^1].Select(line => line.TrimEnd('\r').Split(',')).Select(cells => cells[extentColumn].Length == 0
            ? $"{cells[0]},error" : $"{cells[0]},{cells[extentColumn]},{cells[opacityColumn]}")];
    }

    Run Start(Output output, string call, string? inject)
    {
        if (output.File is not null)
            File.Delete(_folder[output.File]);
        string trace = _folder["trace"];
        string[] injection = inject is null ? [] : ["-e", inject];
        // Memory takes ONNX Runtime only where no copy of it may be kept.
        string[] setting = call == "memfd_create" ? ["-E", "SEVERITY_RUNTIME_CACHE=off"] : [];
        string[] destination = output.File is null ? ["--format", output.Format] : ["-o", output.File];
        CommandResult result = Command.Run("strace",
            ["-f", "--seccomp-bpf", "-y", "-s", "128", "-e", $"trace={call},fcntl", .. injection, .. setting, "-o", trace,
                Command.Binary, "predict", "in", "--threads", "2", .. destination],
            _folder.Path);
        return new Run(result, File.ReadAllLines(trace), call);
    }

    static IEnumerable<int> Spread(int count, int most) =>
        count <= most ? Enumerable.Range(1, count) : Enumerable.Range(0, most).Select(i => 1 + i * (count - 1) / Math.Max(most - 1, 1));

    sealed record Output(string Format, string? File);

    /// <summary>A run and what strace wrote of it.</summary>
    sealed class Run(CommandResult result, string[] trace, string call)
    {
        const string Mark = "(INJECTED)";

        public CommandResult Result => result;

        /// <summary>The calls of the thread that makes most of them: strace counts them a thread each.</summary>
        public int MostCalls => trace.Where(l => l.Contains($" {call}(", StringComparison.Ordinal))
            .GroupBy(l => l.Split(' ')[0]).Select(g => g.Count()).DefaultIfEmpty().Max();

        /// <summary>The refused calls: of each thread the one of that number.</summary>
        public string Injected =>
            string.Join('\n', trace.Where(l => l.Contains(Mark, StringComparison.Ordinal)).DefaultIfEmpty("(none injected)"));

        /// <summary>The program asks for the mode of standard error first of all.</summary>
        public bool OwnCodeRan => trace.Any(l => l.Contains("fcntl(2<", StringComparison.Ordinal));

        /// <summary>Whether a call for one of the lists of processors, or one on its descriptor, was refused.</summary>
        public bool ReadsProcessors => Injected.Contains("/sys/devices/system/cpu/possible", StringComparison.Ordinal)
            || Injected.Contains("/sys/devices/system/cpu/present", StringComparison.Ordinal);

        /// <summary>Whether writing to a descriptor was refused.</summary>
        public bool Refused(int descriptor) => trace.Any(l => l.Contains(Mark, StringComparison.Ordinal)
            && (l.Contains($"write({descriptor}<", StringComparison.Ordinal)
                || l.Contains($"fcntl({descriptor}<", StringComparison.Ordinal)));
    }
}
