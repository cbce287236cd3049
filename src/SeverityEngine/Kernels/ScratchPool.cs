using SeverityEngine.Interop;

namespace SeverityEngine.Kernels;

/// <summary>
/// Memory that the kernels of one session work in, lent to one thread at a time; as many pieces are made as threads work at once. It takes
/// no lock: a contended one allocates, and threads come here for every part of their work.
/// </summary>
sealed class ScratchPool : IDisposable
{
    // More threads than this make their pieces anew.
    readonly AlignedBuffer?[] _free = new AlignedBuffer?[256];
    int _length;

    /// <summary>Makes room for a kernel; to be called before anything is lent, from one thread.</summary>
    public void Reserve(int length) => _length = Math.Max(_length, length);

    /// <summary>Makes pieces ahead, once all room is reserved.</summary>
    public void Prepare(int pieces)
    {
        for (int i = 0; i < pieces && _length > 0; i++)
            Return(new AlignedBuffer(_length, zeroed: false));
    }

    /// <summary>Lends a piece of the greatest length that was reserved.</summary>
    public AlignedBuffer Rent()
    {
        foreach (ref AlignedBuffer? place in _free.AsSpan())
        {
            if (place is not null && Interlocked.Exchange(ref place, null) is { } buffer)
                return buffer;
        }
        return new AlignedBuffer(_length, zeroed: false);
    }

    /// <summary>Takes a piece back.</summary>
    public void Return(AlignedBuffer buffer)
    {
        foreach (ref AlignedBuffer? place in _free.AsSpan())
        {
            if (place is null && Interlocked.CompareExchange(ref place, buffer, null) is null)
                return;
        }
        buffer.Dispose();
    }

    public void Dispose()
    {
        foreach (ref AlignedBuffer? place in _free.AsSpan())
            Interlocked.Exchange(ref place, null)?.Dispose();
    }
}
