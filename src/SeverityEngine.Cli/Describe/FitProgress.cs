using System.Globalization;
using SeverityEngine.Batch.Pipeline;

namespace SeverityEngine.Cli.Describe;

/// <summary>How far the fitting has come, in percent.</summary>
sealed class FitProgress : IRunProgress, IProgress<double>
{
    long _done;

    public long Done => Volatile.Read(ref _done);

    public long Total => 100;

    public string Describe() => string.Create(CultureInfo.InvariantCulture, $"fitting the statistics, {Done} %");

    public void Report(double value) => Volatile.Write(ref _done, (long)(value * Total));
}
