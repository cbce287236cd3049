using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Schedulers;

/// <summary>A real Slurm, Debian's, of one machine: a key, ports and a folder of its own, and nothing of the system's.</summary>
[UnsupportedOSPlatform("windows")]
sealed class SlurmCluster : IDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    readonly TemporaryFolder _folder = new();
    readonly List<Process> _daemons = [];
    readonly Dictionary<string, string> _environment;

    public SlurmCluster()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Slurm is tested on Linux, where Debian has it");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root may run the daemons of Slurm");
        string path = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/bin:/sbin:/bin";
        foreach (string tool in (string[])["munged", "slurmctld", "slurmd", "sbatch", "scontrol"])
        {
            Assert.True(path.Split(':').Any(folder => File.Exists(Path.Combine(folder, tool))),
                $"{tool} is not there, and the array job is tested on a real Slurm; Debian: "
                + "apt-get install slurmctld slurmd slurm-client munge");
        }
        _environment = new() { ["PATH"] = path, ["SLURM_CONF"] = _folder["slurm.conf"], ["HOME"] = _folder.Path };
        try
        {
            Start(path);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs a program that finds this cluster.</summary>
    public CommandResult Run(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        Dictionary<string, string> all = new(_environment);
        foreach ((string name, string value) in environment)
            all[name] = value;
        return Command.Run(program, arguments, _folder.Path, all);
    }

    /// <summary>Waits until a job has ended, and gives how: COMPLETED, FAILED, CANCELLED, ...</summary>
    public string Outcome(string job)
    {
        string state = "";
        Until($"job {job} ends", () => (state = Assert.Single(States(job)))
            is not ("PENDING" or "CONFIGURING" or "RUNNING" or "COMPLETING" or "REQUEUED" or "SUSPENDED"));
        return state;
    }

    /// <summary>Of each task of an array how it stands and how often it was started again, in the tasks' order.</summary>
    public IReadOnlyList<string> Tasks(string job)
    {
        string[] records = Ask("scontrol", "--oneliner", "show", "job", job).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. records.OrderBy(r => int.Parse(Field(r, "ArrayTaskId"))).Select(r => $"{Field(r, "JobState")} {Field(r, "Restarts")}")];

        static string Field(string record, string name) =>
            record.Split(' ').Single(f => f.StartsWith($"{name}=", StringComparison.Ordinal))[(name.Length + 1)..];
    }

    public void Dispose()
    {
        if (_daemons.Count > 1)
        {
            Run("scancel", ["--user=root"]);
            for (int i = 0; i < 50 && Run("squeue", ["--noheader"]) is { ExitCode: 0, Output.Length: > 0 }; i++)
                Thread.Sleep(100);
        }
        // The last one first: the others are lost without munged.
        foreach (Process daemon in Enumerable.Reverse(_daemons))
        {
            if (!daemon.HasExited)
            {
                Command.Run("kill", ["-TERM", $"{daemon.Id}"]);
                if (!daemon.WaitForExit(TimeSpan.FromSeconds(10)))
                    daemon.Kill();
            }
            daemon.Dispose();
        }
        _folder.Dispose();
    }

    void Start(string path)
    {
        string host = Environment.MachineName;
        foreach (string folder in (string[])["state", "spool", "log"])
            Directory.CreateDirectory(_folder[folder]);
        byte[] key = new byte[128];
        Random.Shared.NextBytes(key);
        File.WriteAllBytes(_folder["key"], key);
        File.SetUnixFileMode(_folder["key"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        int port = OrthancServer.FreePort(), other = OrthancServer.FreePort();
        Assert.NotEqual(port, other);
        // A task that is queued again waits for cred_expire seconds, usually 120; a start has to come within them. The memory and the cores
        // are claimed, not there:
        // four tasks run at once on any machine.
        File.WriteAllText(_folder["slurm.conf"], $"""
            ClusterName=test
            SlurmctldHost={host}(127.0.0.1)
            SlurmUser=root
            SlurmdUser=root
            AuthType=auth/munge
            CredType=cred/munge
            AuthInfo=socket={_folder["munge.socket"]},cred_expire=8
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core
            SchedulerParameters=sched_interval=1,bf_interval=1
            StateSaveLocation={_folder["state"]}
            SlurmdSpoolDir={_folder["spool"]}
            SlurmctldPidFile={_folder["slurmctld.pid"]}
            SlurmdPidFile={_folder["slurmd.pid"]}
            SlurmctldLogFile={_folder["log/slurmctld"]}
            SlurmdLogFile={_folder["log/slurmd"]}
            SlurmctldPort={port}
            SlurmdPort={other}
            SlurmdParameters=config_overrides
            ReturnToService=2
            MpiDefault=none
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=16384 State=UNKNOWN
            PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP

            """);
        // The socket's folder is root's alone, which munged takes with --force.
        Daemon(path, "munged", "--foreground", "--force", $"--key-file={_folder["key"]}", $"--socket={_folder["munge.socket"]}",
            $"--log-file={_folder["log/munged"]}", $"--pid-file={_folder["munge.pid"]}", $"--seed-file={_folder["seed"]}");
        Until("munged listens", () => File.Exists(_folder["munge.socket"]));
        Daemon(path, "slurmctld", "-D");
        Daemon(path, "slurmd", "-D", "-N", host);
        Until("the node is idle", () => Run("sinfo", ["--noheader", "--format=%T"]).Output.Trim() == "idle");
    }

    void Daemon(string path, string name, params string[] arguments)
    {
        string file = path.Split(':').Select(folder => Path.Combine(folder, name)).First(File.Exists);
        _daemons.Add(Command.Start(file, arguments, _environment));
    }

    string[] States(string job) =>
        Ask("squeue", "--noheader", "--states=all", $"--jobs={job}", "--format=%T").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    string Ask(string program, params string[] arguments)
    {
        CommandResult result = Run(program, arguments);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.Error}\n{Log()}");
        return result.Output;
    }

    void Until(string what, Func<bool> isSo)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.All(_daemons, daemon => Assert.False(daemon.HasExited, $"{daemon.StartInfo.FileName} has ended\n{Log()}"));
            Assert.True(watch.Elapsed < s_patience, $"not within {s_patience.TotalMinutes} minutes: {what}\n{Log()}");
            Thread.Sleep(100);
        }
    }

    string Log()
    {
        StringBuilder text = new();
        foreach (string file in Directory.GetFiles(_folder["log"]))
            text.AppendLine(Path.GetFileName(file)).AppendJoin('\n', File.ReadLines(file).TakeLast(20)).AppendLine();
        return text.ToString();
    }
}
