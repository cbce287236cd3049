using SeverityEngine.Batch.Pipeline;

namespace SeverityEngine.Cli;

/// <summary>The command around a run: standard error, and the signals that end it.</summary>
sealed class CommandHost : IRunHost, IDisposable
{
    readonly StopSignals _signals = new();

    public CancellationToken Stop => _signals.Token;

    public CancellationToken Abandon => _signals.Abandon;

    public int StopExitCode => _signals.ExitCode;

    public void Line(string message) => Report.Line(message);

    public void Warning(string message) => Report.Warning(message);

    public void Error(string message) => Report.Error(message);

    public void ShowProgress(IRunProgress progress, Action body) => ProgressDisplay.Show(progress, asBar: !Console.IsErrorRedirected, body);

    public void Dispose() => _signals.Dispose();
}
