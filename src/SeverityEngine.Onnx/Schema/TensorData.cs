using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace SeverityEngine.Onnx.Schema;

/// <summary>
/// Brings the ways a file may hold a tensor's values (typed lists, or raw bytes) to one: raw bytes, their length checked against
/// the dimensions before memory is taken.
/// </summary>
static class TensorData
{
    /// <summary>The product of dimensions; -1 where one is negative or the product is beyond what memory can hold.</summary>
    public static long ElementCount(ReadOnlySpan<long> dimensions)
    {
        long count = 1;
        foreach (long dimension in dimensions)
        {
            // A length of 0 further on makes the product 0 again, but no sound tensor has such dimensions before it.
            if (dimension is < 0 or > int.MaxValue || (count *= dimension) > int.MaxValue)
                return -1;
        }
        return count;
    }

    /// <summary>Refuses a tensor whose values are not in the model's file: they would be read from wherever the program stands.</summary>
    public static void RefuseElsewhere(TensorProto proto, string source)
    {
        if (proto.DataLocation != TensorProto.Types.DataLocation.Default || proto.ExternalData.Count > 0)
        {
            Fault.Invalid($"{source}: tensor '{proto.Name}' keeps its values in another file, and a model is one file; "
                + "save it with its values inside");
        }
    }

    public static void Normalize(TensorProto proto, string source)
    {
        string tensor = $"{source}: tensor '{proto.Name}'";
        RefuseElsewhere(proto, source);
        if (proto.HasSegment)
            Fault.Invalid($"{tensor} is a segment of a larger one, which is not supported");
        OnnxElementType type = (OnnxElementType)proto.DataType;
        int size = ElementTypes.Size(type);
        if (size == 0)
            Fault.Invalid($"{tensor} has elements of type {type}, which is not supported");
        long count = ElementCount([.. proto.Dims]);
        string shape = $"[{string.Join(", ", proto.Dims)}]";
        if (count < 0 || count * size > int.MaxValue)
            Fault.Invalid($"{tensor} has the impossible dimensions {shape}");

        int lists = Convert.ToInt32(proto.HasRawData) + Convert.ToInt32(proto.FloatData.Count > 0)
            + Convert.ToInt32(proto.Int32Data.Count > 0) + Convert.ToInt32(proto.Int64Data.Count > 0)
            + Convert.ToInt32(proto.DoubleData.Count > 0) + Convert.ToInt32(proto.Uint64Data.Count > 0);
        if (lists > 1)
            Fault.Invalid($"{tensor} holds its values twice");
        if (proto.HasRawData)
        {
            if (proto.RawData.Length != count * size)
                Fault.Invalid($"{tensor} of {shape} {type} needs {count * size} bytes and has {proto.RawData.Length}");
            return;
        }
        proto.RawData = type switch
        {
            OnnxElementType.Float32 => Pack<float, float>(proto.FloatData, count, tensor, shape),
            OnnxElementType.Float64 => Pack<double, double>(proto.DoubleData, count, tensor, shape),
            OnnxElementType.Int64 => Pack<long, long>(proto.Int64Data, count, tensor, shape),
            OnnxElementType.UInt64 => Pack<ulong, ulong>(proto.Uint64Data, count, tensor, shape),
            OnnxElementType.UInt32 => Pack<ulong, uint>(proto.Uint64Data, count, tensor, shape),
            OnnxElementType.Int32 => Pack<int, int>(proto.Int32Data, count, tensor, shape),
            OnnxElementType.Int16 => Pack<int, short>(proto.Int32Data, count, tensor, shape),
            OnnxElementType.Int8 => Pack<int, sbyte>(proto.Int32Data, count, tensor, shape),
            // Half-precision values lie in the list as their bits.
            OnnxElementType.UInt16 or OnnxElementType.Float16 => Pack<int, ushort>(proto.Int32Data, count, tensor, shape),
            _ => Pack<int, byte>(proto.Int32Data, count, tensor, shape),
        };
        proto.FloatData.Clear();
        proto.Int32Data.Clear();
        proto.Int64Data.Clear();
        proto.DoubleData.Clear();
        proto.Uint64Data.Clear();
    }

    static ByteString Pack<TFrom, T>(RepeatedField<TFrom> values, long count, string tensor, string shape)
        where TFrom : unmanaged, INumber<TFrom>
        where T : unmanaged, INumber<T>
    {
        if (values.Count != count)
            Fault.Invalid($"{tensor} of {shape} {typeof(T).Name} needs {count} values and has {values.Count}");
        T[] packed = new T[values.Count];
        for (int i = 0; i < packed.Length; i++)
            packed[i] = T.CreateTruncating(values[i]);
        return ByteString.CopyFrom(MemoryMarshal.AsBytes<T>(packed));
    }
}

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

    public static bool IsFloat(OnnxElementType type) =>
        type is OnnxElementType.Float32 or OnnxElementType.Float16 or OnnxElementType.Float64;

    public static bool IsIndex(OnnxElementType type) => type is OnnxElementType.Int32 or OnnxElementType.Int64;
}
