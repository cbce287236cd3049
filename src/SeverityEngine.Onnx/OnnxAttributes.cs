using System.Text;
using Google.Protobuf;
using SeverityEngine.Onnx.Schema;
using static SeverityEngine.Onnx.Schema.AttributeProto.Types;

namespace SeverityEngine.Onnx;

/// <summary>A node's attributes: typed constants by name. A reading of the wrong type is an error of the model.</summary>
public sealed class OnnxAttributes
{
    readonly OnnxNode _node;

    internal OnnxAttributes(OnnxNode node) => _node = node;

    /// <summary>Their names, in the order of the file.</summary>
    public IEnumerable<string> Names => _node.Proto.Attribute.Select(a => a.Name);

    /// <summary>Whether the node has it.</summary>
    public bool Contains(string name) => Find(name) is not null;

    /// <summary>A whole number; null where absent.</summary>
    public long? GetInt(string name) => Find(name, AttributeType.Int)?.I;

    /// <summary>A whole number, or its default.</summary>
    public long GetInt(string name, long absent) => GetInt(name) ?? absent;

    /// <summary>A number, or its default.</summary>
    public float GetFloat(string name, float absent) => Find(name, AttributeType.Float)?.F ?? absent;

    /// <summary>A number; null where absent.</summary>
    public float? GetFloat(string name) => Find(name, AttributeType.Float)?.F;

    /// <summary>A text; null where absent.</summary>
    public string? GetText(string name) => Find(name, AttributeType.String)?.S.ToStringUtf8();

    /// <summary>Whole numbers; null where absent.</summary>
    public long[]? GetInts(string name) => Find(name, AttributeType.Ints)?.Ints.ToArray();

    /// <summary>Numbers; null where absent.</summary>
    public float[]? GetFloats(string name) => Find(name, AttributeType.Floats)?.Floats.ToArray();

    /// <summary>A tensor; null where absent.</summary>
    public OnnxTensor? GetTensor(string name) =>
        Find(name, AttributeType.Tensor) is { } found ? new OnnxTensor(found.T, _node.ToString()) : null;

    /// <summary>Sets a whole number.</summary>
    public void Set(string name, long value) => Replace(new AttributeProto { Name = name, Type = AttributeType.Int, I = value });

    /// <summary>Sets a number.</summary>
    public void Set(string name, float value) => Replace(new AttributeProto { Name = name, Type = AttributeType.Float, F = value });

    /// <summary>Sets a text.</summary>
    public void Set(string name, string value) =>
        Replace(new AttributeProto { Name = name, Type = AttributeType.String, S = ByteString.CopyFrom(value, Encoding.UTF8) });

    /// <summary>Sets whole numbers.</summary>
    public void Set(string name, ReadOnlySpan<long> values)
    {
        AttributeProto attribute = new() { Name = name, Type = AttributeType.Ints };
        attribute.Ints.AddRange(values.ToArray());
        Replace(attribute);
    }

    /// <summary>Sets a tensor.</summary>
    public void Set(string name, OnnxTensor value) =>
        Replace(new AttributeProto { Name = name, Type = AttributeType.Tensor, T = value.Proto });

    /// <summary>Removes one; whether there was one.</summary>
    public bool Remove(string name) => Find(name) is { } found && _node.Proto.Attribute.Remove(found);

    /// <summary>Whether it is, or holds, what is not a number.</summary>
    internal bool IsNaN(string name) => Find(name) is { } found && (float.IsNaN(found.F) || found.Floats.Any(float.IsNaN));

    AttributeProto? Find(string name)
    {
        foreach (AttributeProto attribute in _node.Proto.Attribute)
        {
            if (attribute.Name == name)
                return attribute;
        }
        return null;
    }

    AttributeProto? Find(string name, AttributeType type)
    {
        AttributeProto? found = Find(name);
        if (found is not null && found.Type != type)
            Fault.Invalid($"{_node}: attribute '{name}' is of type {found.Type}, where {type} is needed");
        return found;
    }

    void Replace(AttributeProto attribute)
    {
        if (Find(attribute.Name) is { } found)
            _node.Proto.Attribute[_node.Proto.Attribute.IndexOf(found)] = attribute;
        else
            _node.Proto.Attribute.Add(attribute);
    }
}
