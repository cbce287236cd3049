using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SeverityEngine.Native.Abi;

/// <summary>A structure of the ABI: it begins with its size in bytes, as the caller's header has it, and grows only at its end.</summary>
interface ISizedStruct
{
    /// <summary>Its name in the header.</summary>
    static abstract string Name { get; }

    /// <summary>Its size in the first version of the ABI: what every caller's has at least.</summary>
    static abstract uint FirstSize { get; }
}

/// <summary>Reads and writes structures whose caller may know fewer fields than this library, or more.</summary>
static unsafe class SizedStruct
{
    /// <summary>No structure comes near it: a size beyond it was never set.</summary>
    const uint Largest = 4096;

    /// <summary>The caller's size, checked.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: NULL, or a size that cannot be.</exception>
    public static uint Size<T>(T* pointer) where T : unmanaged, ISizedStruct
    {
        if (pointer is null)
            Refuse($"the {T.Name} is NULL");
        uint size = *(uint*)pointer;
        if (size < T.FirstSize || size > Largest)
            Refuse($"the {T.Name} says that it has {size} bytes; set its size to sizeof({T.Name}), {sizeof(T)} in this library");
        return size;
    }

    /// <summary>What the caller gives; fields that an older caller does not know are 0.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: NULL, a size that cannot be, or a newer caller that
    /// sets what this library does not know.</exception>
    public static T Read<T>(T* pointer) where T : unmanaged, ISizedStruct
    {
        uint size = Size(pointer);
        if (size == sizeof(T))
            return *pointer;
        T value = default;
        Unsafe.CopyBlockUnaligned(&value, pointer, Math.Min(size, (uint)sizeof(T)));
        if (size > sizeof(T) && new ReadOnlySpan<byte>((byte*)pointer + sizeof(T), (int)size - sizeof(T)).ContainsAnyExcept((byte)0))
            Refuse($"the {T.Name} sets a field that this library does not know; use one of its header's version or later");
        return value;
    }

    /// <summary>
    /// Gives the caller the fields that it knows; those that only a newer one knows become 0. The size stays the caller's.
    /// </summary>
    public static void Write<T>(T* pointer, in T value) where T : unmanaged, ISizedStruct
    {
        uint size = *(uint*)pointer;
        uint known = Math.Min(size, (uint)sizeof(T));
        fixed (T* source = &value)
            Unsafe.CopyBlockUnaligned((byte*)pointer + sizeof(uint), (byte*)source + sizeof(uint), known - sizeof(uint));
        Unsafe.InitBlockUnaligned((byte*)pointer + known, 0, size - known);
    }

    [DoesNotReturn]
    static void Refuse(string message) => throw new SeverityException(SeverityError.InvalidArgument, message);
}
