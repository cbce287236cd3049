using System.Globalization;
using SeverityEngine.Batch.Pipeline;

namespace SeverityEngine.Cli;

/// <summary>How far a piece of work has come, in percent.</summary>
/// <param name="what">What it is.</param>
sealed class WorkProgress(string what) : IRunProgress, IProgress<double>
{
    long _done;

    public long Done => Volatile.Read(ref _done);

    public long Total => 100;

    public string Describe() => string.Create(CultureInfo.InvariantCulture, $"{what}, {Done} %");

    public void Report(double value) => Volatile.Write(ref _done, (long)(value * Total));
}
