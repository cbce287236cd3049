using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>The published <c>severity dicom listen</c> as a process, on a free port.</summary>
sealed partial class Receiver : IDisposable
{
    readonly string _folder;
    readonly Process _process;
    readonly List<string> _said = [];

    /// <summary>Starts it, and waits until it listens.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="arguments">Its options, but for the folder and the port.</param>
    /// <param name="port">Its port; 0 for one that the system chooses.</param>
    public Receiver(string folder, string[] arguments, int port = 0)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the receiver is tried with Linux's signals and tools");
        _folder = folder;
        string[] all = ["dicom", "listen", "--out", folder, "--port", $"{port}", .. arguments];
        _process = Process.Start(new ProcessStartInfo(Command.Binary, all) { RedirectStandardError = true })!;
        _process.ErrorDataReceived += (_, e) =>
        {
            lock (_said)
                _said.Add(e.Data ?? "");
        };
        _process.BeginErrorReadLine();
        Assert.True(Until(() => _process.HasExited || Said.Contains(" listens on ", StringComparison.Ordinal)), "it does not listen");
        Match said = PortSaid().Match(Said);
        Assert.True(said.Success, Said);
        Port = int.Parse(said.Groups[1].Value);
    }

    public int Port { get; }

    public int Id => _process.Id;

    public string Said
    {
        get
        {
            lock (_said)
                return string.Join('\n', _said);
        }
    }

    public JsonElement[] Rows => RowsOf(_folder);

    /// <summary>Memory that the process holds now, in bytes.</summary>
    public long Memory
    {
        get
        {
            string line = File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return 1024 * long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]);
        }
    }

    /// <summary>The whole rows of a folder.</summary>
    public static JsonElement[] RowsOf(string folder)
    {
        string file = Path.Combine(folder, "rows.jsonl");
        // Which the receiver locks for all programs of .NET, and for no others.
        return !File.Exists(file) ? []
            : [.. Command.Run("cat", [file]).Output.Split('\n')[..^1].Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public static string[] Received(string folder) =>
        [.. Directory.GetFiles(Path.Combine(folder, "received")).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    public static bool Until(Func<bool> done, int seconds = 60)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!done())
        {
            if (watch.Elapsed.TotalSeconds > seconds)
                return false;
            Thread.Sleep(50);
        }
        return true;
    }

    public void WaitForRows(int count)
    {
        int there = 0;
        Assert.True(Until(() => (there = Rows.Length) >= count), $"{there} rows of {count}:\n{Said}");
        Assert.Equal(count, there);
    }

    /// <summary>Requires that a tool of DCMTK, or another program, is installed; <c>build.sh test</c> sees to it.</summary>
    public static string Tool(string name)
    {
        bool isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
            .Any(folder => File.Exists(Path.Combine(folder, name)));
        if (!isThere)
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"{name} is not installed");
        Assert.SkipUnless(isThere, $"{name} is not installed");
        return name;
    }

    /// <summary>Has DCMTK's storescu send a folder's files.</summary>
    public CommandResult Store(params string[] files) => Store(Port, files);

    public static CommandResult Store(int port, params string[] files) => Command.Run(Tool("storescu"),
        ["-v", "-aet", "SENDER", "-aec", "SEVERITY", "+sd", "127.0.0.1", $"{port}", .. files]);

    public void Signal(string signal) => Assert.Equal(0, Command.Run("kill", [$"-{signal}", $"{Id}"]).ExitCode);

    /// <summary>Has it end by SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public int Terminate()
    {
        Signal("TERM");
        Assert.True(_process.WaitForExit(20_000), $"it does not end:\n{Said}");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }

    [GeneratedRegex(@" port (\d+) for ")]
    private static partial Regex PortSaid();
}
