namespace SeverityEngine.Onnx;

#pragma warning disable CA1720 // Types are named after types.

/// <summary>The type of a tensor's elements; the values are those of the ONNX specification.</summary>
public enum OnnxElementType
{
    /// <summary>Not stated.</summary>
    Undefined = 0,
    /// <summary><see cref="float"/>.</summary>
    Float32 = 1,
    /// <summary><see cref="byte"/>.</summary>
    UInt8 = 2,
    /// <summary><see cref="sbyte"/>.</summary>
    Int8 = 3,
    /// <summary><see cref="ushort"/>.</summary>
    UInt16 = 4,
    /// <summary><see cref="short"/>.</summary>
    Int16 = 5,
    /// <summary><see cref="int"/>.</summary>
    Int32 = 6,
    /// <summary><see cref="long"/>.</summary>
    Int64 = 7,
    /// <summary>Text; a graph may speak of it, no tensor of it is read.</summary>
    Text = 8,
    /// <summary><see cref="bool"/>, one byte each.</summary>
    Boolean = 9,
    /// <summary><see cref="Half"/>.</summary>
    Float16 = 10,
    /// <summary><see cref="double"/>.</summary>
    Float64 = 11,
    /// <summary><see cref="uint"/>.</summary>
    UInt32 = 12,
    /// <summary><see cref="ulong"/>.</summary>
    UInt64 = 13,
}
