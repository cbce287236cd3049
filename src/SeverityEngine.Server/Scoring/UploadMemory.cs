namespace SeverityEngine.Server.Scoring;

/// <summary>The bytes that images of all requests may hold before they are scored. Nobody waits: what does not fit is told to come back.
/// </summary>
/// <param name="bytes">How many there are.</param>
sealed class UploadMemory(long bytes)
{
    long _taken;

    /// <summary>What is held now, in bytes.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Takes some; false where too few are left.</summary>
    public bool TryTake(long amount)
    {
        if (Interlocked.Add(ref _taken, amount) <= bytes)
            return true;
        Give(amount);
        return false;
    }

    /// <summary>Gives some back.</summary>
    public void Give(long amount) => Interlocked.Add(ref _taken, -amount);
}
