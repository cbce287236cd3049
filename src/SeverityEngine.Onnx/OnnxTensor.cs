using System.Runtime.InteropServices;
using Google.Protobuf;
using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx;

/// <summary>A constant tensor: name, dimensions, and values as contiguous little-endian memory in C order. Immutable.</summary>
public sealed class OnnxTensor
{
    internal OnnxTensor(TensorProto proto, string source)
    {
        TensorData.Normalize(proto, source);
        Proto = proto;
        Dimensions = [.. proto.Dims];
    }

    OnnxTensor(string name, OnnxElementType type, ReadOnlySpan<long> dimensions, ByteString data)
    {
        Proto = new TensorProto { Name = name, DataType = (int)type, RawData = data };
        Proto.Dims.AddRange(dimensions.ToArray());
        Dimensions = [.. Proto.Dims];
    }

    internal TensorProto Proto { get; }

    /// <summary>Its name; empty for the value of an attribute.</summary>
    public string Name => Proto.Name;

    /// <summary>The type of its elements.</summary>
    public OnnxElementType ElementType => (OnnxElementType)Proto.DataType;

    /// <summary>Its dimensions, outermost first; none for a scalar.</summary>
    public IReadOnlyList<long> Dimensions { get; }

    /// <summary>Its dimensions as a shape.</summary>
    public OnnxShape Shape => OnnxShape.Of([.. Dimensions]);

    /// <summary>The number of its elements.</summary>
    public int Count => Proto.RawData.Length / ElementTypes.Size(ElementType);

    /// <summary>Its values as bytes.</summary>
    public ReadOnlySpan<byte> Bytes => Proto.RawData.Span;

    /// <summary>A tensor of these values, which are copied.</summary>
    /// <typeparam name="T">Of the number types, <see cref="bool"/> and <see cref="Half"/>.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="dimensions">Its dimensions; their product is the number of values.</param>
    /// <param name="values">Its values, in C order.</param>
    /// <exception cref="ArgumentException">The dimensions do not fit the values.</exception>
    public static OnnxTensor Create<T>(string name, ReadOnlySpan<long> dimensions, ReadOnlySpan<T> values) where T : unmanaged
    {
        if (TensorData.ElementCount(dimensions) != values.Length)
            throw new ArgumentException($"tensor '{name}' of {OnnxShape.Of(dimensions)} is given {values.Length} values", nameof(values));
        return new OnnxTensor(name, ElementTypes.Of<T>(), dimensions, ByteString.CopyFrom(MemoryMarshal.AsBytes(values)));
    }

    /// <summary>A vector of these values.</summary>
    public static OnnxTensor Vector<T>(string name, params ReadOnlySpan<T> values) where T : unmanaged =>
        Create(name, [values.Length], values);

    /// <summary>A scalar, a tensor without dimensions.</summary>
    public static OnnxTensor Scalar<T>(string name, T value) where T : unmanaged => Create<T>(name, [], [value]);

    /// <summary>Its values, without a copy.</summary>
    /// <typeparam name="T">The type of its elements.</typeparam>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: its elements are of another type.</exception>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged
    {
        if (ElementTypes.Of<T>() != ElementType)
            Fault.Invalid($"tensor '{Name}' holds {ElementType}, where {ElementTypes.Of<T>()} is needed");
        return MemoryMarshal.Cast<byte, T>(Bytes);
    }

    /// <summary>Its values as whole numbers, whether it holds <see cref="int"/> or <see cref="long"/>: axes, shapes, indices.</summary>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: its elements are of another type.</exception>
    public long[] ToIndices()
    {
        if (ElementType != OnnxElementType.Int32)
            return Values<long>().ToArray();
        ReadOnlySpan<int> values = Values<int>();
        long[] indices = new long[values.Length];
        for (int i = 0; i < indices.Length; i++)
            indices[i] = values[i];
        return indices;
    }

    /// <summary>The same values under another name; they are shared, not copied.</summary>
    public OnnxTensor Named(string name) => new(name, ElementType, [.. Dimensions], Proto.RawData);

    /// <summary>The same values under other dimensions; they are shared, not copied.</summary>
    /// <exception cref="ArgumentException">The dimensions do not fit the values.</exception>
    public OnnxTensor Reshaped(params ReadOnlySpan<long> dimensions) =>
        TensorData.ElementCount(dimensions) == Count
            ? new OnnxTensor(Name, ElementType, dimensions, Proto.RawData)
            : throw new ArgumentException(
                $"tensor '{Name}' of {Shape} cannot take the shape {OnnxShape.Of(dimensions)}", nameof(dimensions));

    /// <summary>For example <c>conv0.weight: Float32 [64, 1, 7, 7]</c>.</summary>
    public override string ToString() => $"{Name}: {ElementType} {Shape}";
}
