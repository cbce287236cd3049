using System.Runtime.InteropServices;

namespace SeverityEngine.Imaging.Formats;

/// <summary>Zeroed native memory for one picture's decoding; all of it is freed with this, its one owner.</summary>
sealed unsafe class DecoderMemory : IDisposable
{
    readonly List<nint> _blocks = [];

    /// <summary>Large blocks come from the system as pages that take memory when they are first written.</summary>
    public void* Take(long bytes)
    {
        void* block = NativeMemory.AllocZeroed((nuint)bytes);
        _blocks.Add((nint)block);
        return block;
    }

    public void Dispose()
    {
        foreach (nint block in _blocks)
            NativeMemory.Free((void*)block);
        _blocks.Clear();
    }
}
