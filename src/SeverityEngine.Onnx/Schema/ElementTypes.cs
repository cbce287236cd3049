using System.Runtime.CompilerServices;

namespace SeverityEngine.Onnx.Schema;

/// <summary>What is known of each element type: its size, and its type in .NET.</summary>
static class ElementTypes
{
    /// <summary>Bytes of an element; 0 for the types of which no tensors are read.</summary>
    public static int Size(OnnxElementType type) => type switch
    {
        OnnxElementType.UInt8 or OnnxElementType.Int8 or OnnxElementType.Boolean => 1,
        OnnxElementType.UInt16 or OnnxElementType.Int16 or OnnxElementType.Float16 => 2,
        OnnxElementType.Float32 or OnnxElementType.Int32 or OnnxElementType.UInt32 => 4,
        OnnxElementType.Float64 or OnnxElementType.Int64 or OnnxElementType.UInt64 => 8,
        _ => 0,
    };

    /// <summary>The ONNX type of a type of .NET.</summary>
    public static OnnxElementType Of<T>() where T : unmanaged
    {
        Unsafe.SkipInit(out T value);
        return value switch
        {
            float => OnnxElementType.Float32,
            byte => OnnxElementType.UInt8,
            sbyte => OnnxElementType.Int8,
            ushort => OnnxElementType.UInt16,
            short => OnnxElementType.Int16,
            int => OnnxElementType.Int32,
            long => OnnxElementType.Int64,
            bool => OnnxElementType.Boolean,
            Half => OnnxElementType.Float16,
            double => OnnxElementType.Float64,
            uint => OnnxElementType.UInt32,
            ulong => OnnxElementType.UInt64,
            _ => throw new NotSupportedException($"a tensor cannot hold {typeof(T).Name}"),
        };
    }

    public static bool IsFloat(OnnxElementType type) => type is OnnxElementType.Float32 or OnnxElementType.Float16 or OnnxElementType.Float64;

    public static bool IsIndex(OnnxElementType type) => type is OnnxElementType.Int32 or OnnxElementType.Int64;
}
