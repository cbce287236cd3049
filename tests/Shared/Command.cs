using System.Diagnostics;
using System.Text;

namespace SeverityEngine.Tests;

/// <summary>Runs the published <c>severity</c> as its users do: a process with arguments, input, an environment and a folder.</summary>
static class Command
{
    /// <summary>The published file: SEVERITY_BINARY, else dist/severity.</summary>
    public static string Binary => Published("severity", "SEVERITY_BINARY");

    /// <summary>A published program: the file that a variable names, else the one in dist.</summary>
    public static string Published(string program, string variable)
    {
        string path = Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named
            ? named : Path.Combine(TestData.RepositoryRoot, "dist", OperatingSystem.IsWindows() ? $"{program}.exe" : program);
        Assert.True(File.Exists(path), $"{path} is not there; ./build.sh makes it");
        return path;
    }

    public static CommandResult Severity(params string[] arguments) => Run(Binary, arguments);

    public static CommandResult Run(string program, IEnumerable<string> arguments, string? folder = null,
        IReadOnlyDictionary<string, string>? environment = null, byte[]? input = null)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        if (environment is not null)
        {
            start.Environment.Clear();
            foreach ((string key, string value) in environment)
                start.Environment[key] = value;
        }
        Stopwatch watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It may end without reading its input.
        }
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end within two minutes");
        }
        return new CommandResult(process.ExitCode, output.Result, error.Result, watch.Elapsed);
    }

    /// <summary>Starts a program whose output goes nowhere, for a test that will not let it end by itself.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment.Clear();
        foreach ((string key, string value) in environment)
            start.Environment[key] = value;
        Process process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>What /proc says of a process's memory, in bytes (Linux); 0 when it has just ended.</summary>
    /// <param name="process">Its number.</param>
    /// <param name="what">VmRSS, what it holds now, or VmHWM, the most it held.</param>
    public static long Memory(int process, string what = "VmRSS")
    {
        string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(l => l.StartsWith($"{what}:", StringComparison.Ordinal));
        return line is null ? 0 : 1024 * long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    /// <summary>The largest resident memory of one run, in bytes, as /proc told it last before the end (Linux).</summary>
    public static long PeakMemory(string program, IEnumerable<string> arguments, int exitCode = 0)
    {
        using Process process = Start(program, arguments, new Dictionary<string, string>());
        long peak = 0;
        while (!process.HasExited)
        {
            try
            {
                peak = Math.Max(peak, Memory(process.Id, "VmHWM"));
            }
            catch (IOException)
            {
                // It has just ended.
            }
        }
        Assert.Equal(exitCode, process.ExitCode);
        return peak;
    }
}

/// <summary>What a finished process left.</summary>
sealed record CommandResult(int ExitCode, string Output, string Error, TimeSpan Elapsed)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
