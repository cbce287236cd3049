using System.Diagnostics;
using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>The published <c>severity</c> as a process that runs until it is stopped.</summary>
class RunningCommand : IDisposable
{
    readonly Process _process;
    readonly List<string> _said = [];

    /// <summary>Starts it, and waits until it says that it is ready.</summary>
    /// <param name="arguments">Its command line.</param>
    /// <param name="ready">What it says then.</param>
    /// <param name="folder">Where it runs; null for anywhere.</param>
    public RunningCommand(string[] arguments, string ready, string? folder = null)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "what runs until it is stopped is tried with Linux's signals and tools");
        _process = Process.Start(new ProcessStartInfo(Command.Binary, arguments)
        {
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        })!;
        _process.ErrorDataReceived += (_, e) =>
        {
            lock (_said)
                _said.Add(e.Data ?? "");
        };
        _process.BeginErrorReadLine();
        Assert.True(Until(() => _process.HasExited || Said.Contains(ready, StringComparison.Ordinal)), $"it never says: {ready}");
    }

    public int Id => _process.Id;

    public string Said
    {
        get
        {
            lock (_said)
                return string.Join('\n', _said);
        }
    }

    /// <summary>The whole rows of a file of jsonl.</summary>
    // Which the program locks for all programs of .NET, and for no others.
    public static JsonElement[] RowsIn(string file) => !File.Exists(file) ? []
        : [.. Command.Run("cat", [file]).Output.Split('\n')[..^1].Select(line => JsonDocument.Parse(line).RootElement)];

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

    /// <summary>Waits until it has said something, which arrives a moment after it was written.</summary>
    public void WaitToSay(string text) =>
        Assert.True(Until(() => Said.Contains(text, StringComparison.Ordinal)), $"it never says: {text}\n{Said}");

    public void Signal(string signal) => Assert.Equal(0, Command.Run("kill", [$"-{signal}", $"{Id}"]).ExitCode);

    /// <summary>Has it end by SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public int Terminate()
    {
        Signal("TERM");
        return WaitForExit();
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public int WaitForExit()
    {
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
}
