namespace SeverityEngine.Inference;

/// <summary>The slots of one model: made on demand up to a limit, lent to one caller each, waited for when all are out.</summary>
sealed class SlotPool(SeverityModel model, int capacity) : IDisposable
{
    readonly object _gate = new();
    readonly InferenceSlot?[] _free = new InferenceSlot?[capacity];
    int _freeCount;
    int _made;
    bool _closed;

    /// <summary>Lends a slot; waits while all are lent. Give it back with <see cref="Return"/>.</summary>
    public InferenceSlot Rent()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_closed)
                    throw new SeverityException(SeverityError.Disposed, "the predictor has been disposed; make a new one");
                if (_freeCount > 0)
                    return _free[--_freeCount]!;
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
            return new InferenceSlot(model);
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

    /// <summary>Takes a slot back.</summary>
    public void Return(InferenceSlot slot)
    {
        lock (_gate)
        {
            _free[_freeCount++] = slot;
            // Dispose may wait beside callers: all must look.
            if (_closed)
                Monitor.PulseAll(_gate);
            else
                Monitor.Pulse(_gate);
        }
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
