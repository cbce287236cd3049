using System.Runtime.InteropServices;

namespace SeverityEngine.Interop;

/// <summary>Floats in native memory, aligned to a cache line and to the widest vectors, freed by its one owner.</summary>
sealed unsafe class AlignedBuffer : IDisposable
{
    /// <summary>A cache line, and the width of AVX-512.</summary>
    const nuint Alignment = 64;

    float* _data;

    /// <summary>Takes memory.</summary>
    /// <param name="length">Floats.</param>
    /// <param name="zeroed">Whether they are 0 at first; else they are whatever was there, for owners who write before they read.</param>
    public AlignedBuffer(int length, bool zeroed = true)
    {
        Length = length;
        nuint bytes = (nuint)length * sizeof(float);
        _data = (float*)NativeMemory.AlignedAlloc(bytes, Alignment);
        if (zeroed)
            NativeMemory.Clear(_data, bytes);
        GC.AddMemoryPressure((long)bytes);
    }

    ~AlignedBuffer() => Free();

    public int Length { get; }

    public nint Address => (nint)_data;

    public Span<float> Span => new(_data, _data is null ? 0 : Length);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    void Free()
    {
        if (_data is null)
            return;
        NativeMemory.AlignedFree(_data);
        _data = null;
        GC.RemoveMemoryPressure((long)Length * sizeof(float));
    }
}
