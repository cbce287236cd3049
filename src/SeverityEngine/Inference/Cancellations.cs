namespace SeverityEngine.Inference;

/// <summary>
/// Counts a predictor's cancellations: what began before one that is asked for since is to end, what begins after it is not. A token that
/// is canceled ends all of both.
/// </summary>
sealed class Cancellations(CancellationToken token)
{
    int _count;

    /// <summary>What a prediction remembers from its beginning.</summary>
    public int Now => Volatile.Read(ref _count);

    public void Add() => Interlocked.Increment(ref _count);

    /// <exception cref="SeverityException"><see cref="SeverityError.Canceled"/>.</exception>
    public void ThrowIfCanceled(int since)
    {
        if (since != Now || token.IsCancellationRequested)
            throw Error();
    }

    public static SeverityException Error(Exception? cause = null) => new(SeverityError.Canceled, "the prediction was canceled", cause);
}
