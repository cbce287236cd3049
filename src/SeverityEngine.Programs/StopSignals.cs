using System.Runtime.InteropServices;

namespace SeverityEngine.Programs;

/// <summary>
/// Ctrl-C and SIGTERM: the first ends the run in order, and gives up what is not finished after five seconds; a second one ends
/// the process at once.
/// </summary>
sealed class StopSignals : IDisposable
{
    const int SignalBase = 128;

    /// <summary>An image takes less than a second; whoever stops a container waits 10 seconds before killing it.</summary>
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    readonly CancellationTokenSource _stop = new();
    readonly CancellationTokenSource _abandon = new();
    readonly PosixSignalRegistration[] _registrations;
    int _exitCode;

    public StopSignals() => _registrations =
    [
        Register(PosixSignal.SIGINT, SignalBase + 2),
        Register(PosixSignal.SIGTERM, SignalBase + 15),
    ];

    /// <summary>Canceled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Canceled some time after <see cref="Token"/>.</summary>
    public CancellationToken Abandon => _abandon.Token;

    /// <summary>What the command ends with after a signal, as shells count: 130 after Ctrl-C, 143 after SIGTERM; 0 without one.</summary>
    public int ExitCode => Volatile.Read(ref _exitCode);

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
        _abandon.Dispose();
    }

    PosixSignalRegistration Register(PosixSignal signal, int exitCode) => PosixSignalRegistration.Create(signal, context =>
    {
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) != 0)
            return; // The default: the process ends here and now.
        context.Cancel = true;
        _abandon.CancelAfter(s_patience);
        _stop.Cancel();
    });
}
