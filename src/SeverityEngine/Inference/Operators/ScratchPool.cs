namespace SeverityEngine.Inference.Operators;

/// <summary>Memory that the kernels of one session work in, lent to one thread at a time; as many pieces are made as threads work at once.</summary>
sealed class ScratchPool : IDisposable
{
    readonly Lock _gate = new();
    readonly Stack<AlignedBuffer> _free = new();
    int _length;

    /// <summary>Makes room for a kernel; to be called before anything is lent.</summary>
    public void Reserve(int length)
    {
        lock (_gate)
            _length = Math.Max(_length, length);
    }

    /// <summary>Lends a piece of the greatest length that was reserved.</summary>
    public AlignedBuffer Rent()
    {
        lock (_gate)
        {
            if (_free.TryPop(out AlignedBuffer? free))
                return free;
        }
        return new AlignedBuffer(_length, zeroed: false);
    }

    /// <summary>Takes a piece back.</summary>
    public void Return(AlignedBuffer buffer)
    {
        lock (_gate)
            _free.Push(buffer);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            while (_free.TryPop(out AlignedBuffer? buffer))
                buffer.Dispose();
        }
    }
}
