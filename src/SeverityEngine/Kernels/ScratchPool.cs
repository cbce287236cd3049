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

    /// <summary>Lends a piece of the greatest length that was reserved or asked for.</summary>
    /// <param name="length">Floats that it must have.</param>
    public AlignedBuffer Rent(int length = 0)
    {
        if (length > _length)
            _length = length;
        foreach (ref AlignedBuffer? place in _free.AsSpan())
        {
            if (place is null || Interlocked.Exchange(ref place, null) is not { } buffer)
                continue;
            if (buffer.Length >= length)
                return buffer;
            buffer.Dispose();
        }
        return new AlignedBuffer(Math.Max(length, _length), zeroed: false);
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
