using System.Diagnostics;
using System.Globalization;

namespace SeverityEngine.Comparison;

/// <summary>The same network in Python's PyTorch: a process that runs it once for each line it is sent.</summary>
sealed class PythonPeer : IPeer
{
    readonly Process _process;

    public PythonPeer(string script, string checkpoint, int batch, int threads)
    {
        ProcessStartInfo start = new("/usr/bin/python3",
            [script, checkpoint, "--time", batch.ToString(CultureInfo.InvariantCulture), threads.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        Name = $"PyTorch {_process.StandardOutput.ReadLine()} (Python)";
    }

    public string Name { get; }

    public double Run()
    {
        _process.StandardInput.WriteLine();
        double milliseconds = double.Parse(_process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        IPeer.LetThreadsRest();
        return milliseconds;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
