using System.Runtime.Versioning;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Schedulers;

/// <summary>examples/slurm: the array job and what follows it, on a real Slurm; and what becomes of a task by each exit code.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SlurmTests : IDisposable
{
    const string Severity = "SEVERITY";

    static readonly string s_examples = Path.Combine(TestData.RepositoryRoot, "examples", "slurm");

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Four_tasks_of_which_one_is_killed_and_queued_again_give_the_rows_of_one_run()
    {
        using SlurmCluster cluster = new();
        string images = _folder["my X-rays, all"], rows = _folder["my rows, all"], merged = _folder["my scores, all.csv"];
        MakeImages(images);
        // The first time, task 1 is killed when it has three rows.
        string program = Script("severity once killed", $"""
            if [ "$SLURM_ARRAY_TASK_ID" = 1 ] && [ -z "$SLURM_RESTART_COUNT" ]; then
              '{Command.Binary}' "$@" &
              until [ "$(cat "$ROWS/1.jsonl" 2>/dev/null | wc -l)" -ge 3 ]; do
                kill -0 $! || exit 99
                sleep 0.02
              done
              kill -9 $!
              wait $!
              wc -l <"$ROWS/1.jsonl" >"$ROWS/rows at the kill"
              exit 137
            fi
            exec '{Command.Binary}' "$@"
            """);
        string[] jobs = Submit(cluster, program, images, rows, merged, "4");
        string outcome = cluster.Outcome(jobs[1]);
        string logs = string.Join('\n', Directory.GetFiles(rows, "*.log").Order().Select(f => $"{f}: {File.ReadAllText(f)}"));
        Assert.True(outcome == "COMPLETED", logs);
        Assert.Equal(["COMPLETED 0", "COMPLETED 1", "COMPLETED 0", "COMPLETED 0"], cluster.Tasks(jobs[0]));
        string log = File.ReadAllText(Path.Combine(rows, "1.log"));
        Assert.Contains("task 1: exit code 137 after 0 restarts; the task is queued again", log);
        Assert.Contains("task 1: restart 1 goes on where the last one stopped", log);
        Assert.InRange(int.Parse(File.ReadAllText(Path.Combine(rows, "rows at the kill"))), 3, 93);

        CommandResult whole = Command.Run(Command.Binary, ["predict", images, "-o", _folder["whole.csv"], "--quiet"]);
        Assert.True(whole.ExitCode == 0, whole.Error);
        IReadOnlyList<string> expected = MergedTable.Rows(_folder["whole.csv"]);
        Assert.Equal(1 + 94, expected.Count);
        Assert.Equal(expected, MergedTable.Rows(merged));
        Assert.All(Enumerable.Range(0, 4), task => Assert.NotEqual(0, new FileInfo(Path.Combine(rows, $"{task}.jsonl")).Length));
    }

    [Fact]
    public void A_model_that_is_not_there_fails_each_task_at_once_and_nothing_is_merged()
    {
        using SlurmCluster cluster = new();
        string images = _folder["images"], rows = _folder["rows"], merged = _folder["merged.csv"];
        Directory.CreateDirectory(images);
        File.WriteAllBytes(Path.Combine(images, "a.bmp"), TestImages.Bmp(1));
        string program = Script("severity", $"""exec '{Command.Binary}' "$@" --model /no/such.onnx""");
        string[] jobs = Submit(cluster, program, images, rows, merged, "2");
        Assert.Equal("CANCELLED", cluster.Outcome(jobs[1]));
        Assert.Equal(["FAILED 0", "FAILED 0"], cluster.Tasks(jobs[0]));
        string log = File.ReadAllText(Path.Combine(rows, "0.log"));
        Assert.Contains("/no/such.onnx", log);
        Assert.Contains("exit code 4, which another try does not change", log);
        Assert.False(File.Exists(merged));
    }

    [Theory]
    [InlineData(0, "", "", 0, "")]
    [InlineData(3, "", "", 0, "")]
    [InlineData(3, "severity: error: rows: cannot be written: the disk is full", "", 143, "requeue 7_1")]
    [InlineData(2, "severity: error", "", 2, "")]
    [InlineData(4, "severity: error", "", 4, "")]
    [InlineData(5, "severity: error", "", 143, "requeue 7_1")]
    [InlineData(137, "", "2", 143, "requeue 7_1")]
    [InlineData(137, "", "3", 137, "")]
    public void A_task_is_done_has_failed_or_is_queued_again_by_its_exit_code(
        int code, string said, string restarts, int expected, string asked)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the script runs where Slurm does");
        string program = Script("severity", $"printf '%s' '{said}' >&2; exit {code}");
        // As Slurm does: it ends the script when it takes the task back.
        Script("scontrol", """echo "$@" >"$ROWS/asked"; kill $PPID; sleep 1""");
        Dictionary<string, string> environment = new()
        {
            ["PATH"] = $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}",
            [Severity] = program,
            ["IMAGES"] = _folder.Path,
            ["ROWS"] = _folder.Path,
            ["SLURM_ARRAY_JOB_ID"] = "7",
            ["SLURM_ARRAY_TASK_ID"] = "1",
            ["SLURM_CPUS_PER_TASK"] = "1",
        };
        if (restarts.Length > 0)
            environment["SLURM_RESTART_COUNT"] = restarts;
        CommandResult result = Command.Run("bash", [Path.Combine(s_examples, "score.sbatch")], environment: environment);
        Assert.True(expected == result.ExitCode, $"{result.ExitCode}: {result.Error}");
        Assert.Equal(asked, File.Exists(_folder["asked"]) ? File.ReadAllText(_folder["asked"]).Trim() : "");
        Assert.Contains(said, result.Error);
    }

    [Fact]
    public void What_cannot_be_submitted_is_refused_before_a_job_is_made()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the script runs where Slurm does");
        Script("sbatch", "echo 'a job' >&2; exit 1");
        File.WriteAllText(_folder["there.csv"], "mine");
        Directory.CreateDirectory(_folder["images"]);
        string[][] wrong = [[], ["images", "rows"], ["none", "rows", "all.csv"], ["images", "rows", "all.csv", "0"]];
        foreach (string[] arguments in wrong)
            Assert.StartsWith("Usage: submit.sh IMAGES ROWS MERGED [TASKS]", Refused(arguments));
        Assert.Contains("there.csv is there already", Refused("images", "rows", "there.csv"));
        Assert.False(Directory.Exists(_folder["rows"]));

        string Refused(params string[] arguments)
        {
            CommandResult result = Command.Run("bash", [Path.Combine(s_examples, "submit.sh"), .. arguments], _folder.Path,
                new Dictionary<string, string> { ["PATH"] = $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}" });
            Assert.Equal(2, result.ExitCode);
            Assert.DoesNotContain("a job", result.Error);
            return result.Error;
        }
    }

    /// <summary>Runs submit.sh; gives the numbers of the array and of the merge.</summary>
    static string[] Submit(SlurmCluster cluster, string program, params string[] arguments)
    {
        CommandResult result = cluster.Run(Path.Combine(s_examples, "submit.sh"), arguments, (Severity, program));
        Assert.True(result.ExitCode == 0, result.Error);
        string[][] lines = [.. result.Lines.Select(line => line.Split(' '))];
        Assert.Equal(["score", "merge"], lines.Select(line => line[0]));
        return [.. lines.Select(line => line[1])];
    }

    /// <summary>The 94 X-rays of the reference data, or phantoms where they are absent.</summary>
    static void MakeImages(string folder)
    {
        if (TestData.Find("data", "cxr") is not { } xRays)
        {
            CommandResult result = Command.Severity("phantom", folder, "--count", "94", "--size", "256");
            Assert.True(result.ExitCode == 0, result.Error);
            return;
        }
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(xRays))
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
    }

    string Script(string name, string lines)
    {
        string path = _folder[name];
        File.WriteAllText(path, $"#!/usr/bin/env bash\n{lines}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
