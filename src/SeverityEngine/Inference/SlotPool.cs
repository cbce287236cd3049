namespace SeverityEngine.Inference;

/// <summary>
/// The slots of one model: made on demand up to a limit, lent to one caller each, waited for when all are out. What is lent can be
/// canceled.
/// </summary>
sealed class SlotPool(SeverityModel model, int capacity, Cancellations cancellations) : IDisposable
{
    readonly object _gate = new();
    readonly InferenceSlot?[] _free = new InferenceSlot?[capacity];
    readonly InferenceSlot?[] _lent = new InferenceSlot?[capacity];
    int _freeCount;
    int _made;
    bool _closed;

    /// <summary>Lends a slot; waits while all are lent. Give it back with <see cref="Return"/>.</summary>
    /// <param name="since">The cancellations that there were when the caller began: a further one ends it.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.Canceled"/>, <see cref="SeverityError.Disposed"/>.
    /// </exception>
    public InferenceSlot Rent(int since)
    {
        lock (_gate)
        {
            while (true)
            {
                if (_closed)
                    throw new SeverityException(SeverityError.Disposed, "the predictor has been disposed; make a new one");
                cancellations.ThrowIfCanceled(since);
                if (_freeCount > 0)
                    return Lend(_free[--_freeCount]!);
                if (_made < capacity)
                {
                    _made++;
                    break;
                }
                Monitor.Wait(_gate);
            }
        }
        try
        {
            // Made outside the gate, so that callers who come back with a slot are not held up.
            InferenceSlot slot = new(model);
            lock (_gate)
            {
                Lend(slot);
                // Whoever canceled meanwhile did not see it.
                if (since != cancellations.Now)
                    slot.Cancel();
                return slot;
            }
        }
        catch
        {
            lock (_gate)
            {
                _made--;
                Monitor.PulseAll(_gate);
            }
            throw;
        }
    }

    /// <summary>Ends what runs in the slots that are lent, and sends those away who wait for one.</summary>
    public void Cancel()
    {
        lock (_gate)
        {
            foreach (InferenceSlot? slot in _lent)
                slot?.Cancel();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Takes a slot back.</summary>
    public void Return(InferenceSlot slot)
    {
        lock (_gate)
        {
            _lent[Array.IndexOf(_lent, slot)] = null;
            slot.Renew();
            _free[_freeCount++] = slot;
            // Dispose may wait beside callers: all must look.
            if (_closed)
                Monitor.PulseAll(_gate);
            else
                Monitor.Pulse(_gate);
        }
    }

    InferenceSlot Lend(InferenceSlot slot)
    {
        _lent[Array.IndexOf(_lent, null)] = slot;
        return slot;
    }

    /// <summary>Refuses new callers, waits for those inside, then frees the slots.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            Monitor.PulseAll(_gate);
            while (_freeCount < _made)
                Monitor.Wait(_gate);
            while (_freeCount > 0)
                _free[--_freeCount]!.Dispose();
        }
    }
}
