namespace SeverityEngine.Server.Http;

/// <summary>Ends the waiting for a request: when its client is gone, the server gives up what it does, or its time is over.</summary>
sealed class RequestClock : IDisposable
{
    readonly TimeSpan _patience;
    readonly CancellationToken _gone, _abandon;
    readonly CancellationTokenSource _ended;

    /// <param name="patience">How long an image may take.</param>
    /// <param name="gone">Canceled when the client is gone.</param>
    /// <param name="abandon">Canceled when the server gives up what it does.</param>
    public RequestClock(TimeSpan patience, CancellationToken gone, CancellationToken abandon)
    {
        (_patience, _gone, _abandon) = (patience, gone, abandon);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(gone, abandon);
        Restart();
    }

    public CancellationToken Token => _ended.Token;

    /// <summary>Whether the client sends, or waits for its answer.</summary>
    public bool IsReceiving { get; set; } = true;

    /// <summary>Gives the next image its time.</summary>
    public void Restart() => _ended.CancelAfter(_patience);

    /// <summary>What to answer once the waiting has ended; null where nobody hears it.</summary>
    public RequestFault? Fault() => _gone.IsCancellationRequested ? null
        : _abandon.IsCancellationRequested ? new RequestFault(503, "stopping", "the server ends; send it again when it is back")
        : RequestFault.TimedOut(_patience, IsReceiving);

    public void Dispose() => _ended.Dispose();
}
