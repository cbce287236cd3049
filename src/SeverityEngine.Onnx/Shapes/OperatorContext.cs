using System.Diagnostics.CodeAnalysis;
using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Shapes;

/// <summary>One node as the shape rules see it: the types of what it reads, its attributes, and a place for the types of what it makes.</summary>
sealed class OperatorContext(OnnxNode node, OnnxGraph graph, Dictionary<string, OnnxValue> values)
{
    public OnnxNode Node => node;

    public int InputCount => node.Inputs.Count;

    public OnnxAttributes Attributes => node.Attributes;

    /// <summary>What is known of an input; null where it is left out.</summary>
    public OnnxValue? Optional(int index) => node.Input(index) is { } name ? values.GetValueOrDefault(name) ?? new OnnxValue(name) : null;

    /// <summary>What is known of an input that must be there.</summary>
    public OnnxValue Input(int index) => Optional(index) ?? throw FaultOf($"lacks its input {index}");

    /// <summary>An input's shape where it is known, of the stated rank.</summary>
    public OnnxShape? ShapeOfRank(int index, int rank)
    {
        OnnxShape? shape = Input(index).Shape;
        if (shape is not null && shape.Rank != rank)
            Fail($"reads '{Input(index).Name}' of {shape}, where {rank} dimensions are needed");
        return shape;
    }

    /// <summary>An input as constant whole numbers; null where it is left out or not constant.</summary>
    public long[]? ConstantIndices(int index)
    {
        if (graph.Constant(node.Input(index)) is not { } tensor)
            return null;
        if (!ElementTypes.IsIndex(tensor.ElementType))
            Fail($"reads '{node.Input(index)}' of {tensor.ElementType}, where whole numbers are needed");
        return tensor.ToIndices();
    }

    /// <summary>Whole numbers that older operator sets hold in an attribute and newer ones in an input.</summary>
    public long[]? Indices(string attribute, int input) => Attributes.GetInts(attribute) ?? ConstantIndices(input);

    /// <summary>Whether an input is given, though it may not be constant.</summary>
    public bool Has(int index) => node.Input(index) is not null;

    /// <summary>An axis counted from the front.</summary>
    public int Axis(long axis, int rank)
    {
        long counted = axis < 0 ? axis + rank : axis;
        if (counted < 0 || counted >= rank)
            Fail($"has axis {axis}, but there are {rank} dimensions");
        return (int)counted;
    }

    /// <summary>Refuses inputs of different element types, and gives their type.</summary>
    public OnnxElementType CommonType(params ReadOnlySpan<int> inputs)
    {
        OnnxElementType common = OnnxElementType.Undefined;
        foreach (int index in inputs)
        {
            OnnxElementType type = Optional(index)?.ElementType ?? OnnxElementType.Undefined;
            if (common != OnnxElementType.Undefined && type != OnnxElementType.Undefined && type != common)
                Fail($"mixes {common} and {type} ('{node.Input(index)}')");
            if (type != OnnxElementType.Undefined)
                common = type;
        }
        return common;
    }

    public void Output(int index, OnnxElementType type, OnnxShape? shape)
    {
        if (index < node.Outputs.Count && node.Outputs[index].Length > 0)
            values[node.Outputs[index]] = new OnnxValue(node.Outputs[index], type, shape);
    }

    [DoesNotReturn]
    public void Fail(string fault) => throw FaultOf(fault);

    OnnxException FaultOf(string fault) => Fault.Of($"{node} {fault}");
}
