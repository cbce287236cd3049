namespace SeverityEngine.Server.Scoring;

/// <summary>How many requests may have images that wait or are being scored.</summary>
/// <param name="most">How many.</param>
sealed class Admission(int most)
{
    int _in;

    public int Count => Volatile.Read(ref _in);

    public bool IsFull => Count >= most;

    /// <summary>Lets a request in; false where there are as many as may be.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _in) <= most)
            return true;
        Leave();
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _in);
}
