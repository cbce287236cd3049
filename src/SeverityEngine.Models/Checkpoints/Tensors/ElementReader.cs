using System.Buffers.Binary;
using System.Diagnostics;

namespace SeverityEngine.Models.Checkpoints.Tensors;

/// <summary>The numbers that storages and arrays hold.</summary>
enum ElementType
{
    Float16,
    BFloat16,
    Float32,
    Float64,
    Int8,
    UInt8,
    Int16,
    Int32,
    Int64,
    Bool,
}

/// <summary>Reads single numbers of a storage as float32.</summary>
readonly struct ElementReader(ElementType type, bool bigEndian)
{
    readonly int _size = Size(type);

    /// <summary>Bytes an element.</summary>
    public static int Size(ElementType type) => type switch
    {
        ElementType.Int8 or ElementType.UInt8 or ElementType.Bool => 1,
        ElementType.Float16 or ElementType.BFloat16 or ElementType.Int16 => 2,
        ElementType.Float32 or ElementType.Int32 => 4,
        _ => 8,
    };

    public float Read(ReadOnlySpan<byte> storage, int index)
    {
        ReadOnlySpan<byte> bytes = storage.Slice(index * _size, _size);
        ulong bits = _size switch
        {
            1 => bytes[0],
            2 => Swap(BinaryPrimitives.ReadUInt16LittleEndian(bytes)),
            4 => Swap(BinaryPrimitives.ReadUInt32LittleEndian(bytes)),
            _ => Swap(BinaryPrimitives.ReadUInt64LittleEndian(bytes)),
        };
        return type switch
        {
            ElementType.Float16 => (float)BitConverter.UInt16BitsToHalf((ushort)bits),
            // The upper half of a float32.
            ElementType.BFloat16 => BitConverter.UInt32BitsToSingle((uint)bits << 16),
            ElementType.Float32 => BitConverter.UInt32BitsToSingle((uint)bits),
            ElementType.Float64 => (float)BitConverter.UInt64BitsToDouble(bits),
            ElementType.Int8 => (sbyte)bits,
            ElementType.UInt8 => (byte)bits,
            ElementType.Int16 => (short)bits,
            ElementType.Int32 => (int)bits,
            ElementType.Int64 => (long)bits,
            ElementType.Bool => bits == 0 ? 0 : 1,
            _ => throw new UnreachableException(),
        };
    }

    ushort Swap(ushort value) => bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    uint Swap(uint value) => bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    ulong Swap(ulong value) => bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
}
