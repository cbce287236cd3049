namespace SeverityEngine.Batch.Pipeline;

/// <summary>
/// Memory that threads share: who asks for more than is left waits until others have given back. What is larger than all of it is let
/// through alone, so that large images wait for each other.
/// </summary>
/// <param name="bytes">How much there is.</param>
sealed class MemoryBudget(long bytes)
{
    readonly object _gate = new();
    long _taken;
    long _heldByWaiting;

    /// <summary>Waits until there is room, and takes it.</summary>
    /// <param name="share">What the asking thread holds already. Where all that is taken is held by threads that wait, none of them would
    /// ever give back: one is let through.</param>
    /// <param name="amount">Bytes.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public void Take(MemoryShare share, long amount, CancellationToken stop)
    {
        lock (_gate)
        {
            if (_taken + amount <= bytes)
            {
                Hand(share, amount);
                return;
            }
        }
        using CancellationTokenRegistration wake = stop.Register(Wake);
        lock (_gate)
        {
            _heldByWaiting += share.Held;
            Monitor.PulseAll(_gate);
            try
            {
                while (_taken + amount > bytes && _taken > _heldByWaiting)
                {
                    stop.ThrowIfCancellationRequested();
                    Monitor.Wait(_gate);
                }
            }
            finally
            {
                _heldByWaiting -= share.Held;
            }
            Hand(share, amount);
        }
    }

    /// <summary>Gives memory back.</summary>
    public void Give(MemoryShare share, long amount)
    {
        lock (_gate)
        {
            Hand(share, -amount);
            Monitor.PulseAll(_gate);
        }
    }

    void Hand(MemoryShare share, long amount)
    {
        _taken += amount;
        share.Held += amount;
    }

    void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }
}

/// <summary>What one thread, or one image that wanders between threads, holds of a <see cref="MemoryBudget"/>.</summary>
sealed class MemoryShare
{
    /// <summary>Bytes.</summary>
    public long Held { get; set; }
}
