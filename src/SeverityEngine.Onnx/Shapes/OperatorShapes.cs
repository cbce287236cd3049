using System.Diagnostics.CodeAnalysis;
using SeverityEngine.Onnx.Schema;
using static SeverityEngine.Onnx.OnnxElementType;

namespace SeverityEngine.Onnx.Shapes;

/// <summary>The shape rule of each operator that is known, by name.</summary>
static class OperatorShapes
{
    static readonly Dictionary<string, Action<OperatorContext>> s_rules = new()
    {
        ["Conv"] = WindowShapes.Conv,
        ["ConvTranspose"] = WindowShapes.ConvTranspose,
        ["MaxPool"] = WindowShapes.Pool,
        ["AveragePool"] = WindowShapes.Pool,
        ["GlobalAveragePool"] = WindowShapes.GlobalPool,
        ["GlobalMaxPool"] = WindowShapes.GlobalPool,

        ["BatchNormalization"] = ElementwiseShapes.BatchNormalization,
        ["Clip"] = ElementwiseShapes.Clip,
        ["Cast"] = ElementwiseShapes.Cast,
        ["Where"] = ElementwiseShapes.Where,

        ["Gemm"] = MatrixShapes.Gemm,
        ["MatMul"] = MatrixShapes.MatMul,

        ["Concat"] = LayoutShapes.Concat,
        ["Flatten"] = LayoutShapes.Flatten,
        ["Reshape"] = LayoutShapes.Reshape,
        ["Transpose"] = LayoutShapes.Transpose,
        ["Squeeze"] = LayoutShapes.Squeeze,
        ["Unsqueeze"] = LayoutShapes.Unsqueeze,
        ["Constant"] = LayoutShapes.Constant,
        ["ConstantOfShape"] = LayoutShapes.ConstantOfShape,
        ["Expand"] = LayoutShapes.Expand,
        ["Shape"] = LayoutShapes.Shape,

        ["Slice"] = SelectionShapes.Slice,
        ["Gather"] = SelectionShapes.Gather,
        ["Pad"] = SelectionShapes.Pad,
        ["ScatterElements"] = SelectionShapes.ScatterElements,

        ["ReduceMean"] = ReductionShapes.Reduce,
        ["ReduceSum"] = ReductionShapes.Reduce,
        ["ReduceMax"] = ReductionShapes.Reduce,
        ["ReduceMin"] = ReductionShapes.Reduce,

        ["QuantizeLinear"] = QuantizedShapes.QuantizeLinear,
        ["DequantizeLinear"] = QuantizedShapes.DequantizeLinear,

        ["com.microsoft.QLinearConv"] = ChannelsLastShapes.Conv,
        ["com.microsoft.NhwcMaxPool"] = ChannelsLastShapes.MaxPool,
        [$"{WinogradOperator.Domain}.{WinogradOperator.OpType}"] = ChannelsLastShapes.WinogradConv,
    };

    static OperatorShapes()
    {
        foreach (string same in (string[])["Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Exp", "Log", "Sqrt", "Abs",
            "Neg", "Sign", "Reciprocal", "Softmax", "Identity"])
        {
            s_rules.Add(same, ElementwiseShapes.Same);
        }
        foreach (string arithmetic in (string[])["Add", "Sub", "Mul", "Div", "Max", "Min"])
            s_rules.Add(arithmetic, c => ElementwiseShapes.Broadcast(c, Undefined));
        foreach (string comparison in (string[])["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"])
            s_rules.Add(comparison, c => ElementwiseShapes.Broadcast(c, OnnxElementType.Boolean));
    }

    public static Action<OperatorContext>? RuleOf(OnnxNode node) =>
        s_rules.GetValueOrDefault(node.Domain.Length == 0 ? node.OpType : $"{node.Domain}.{node.OpType}");
}

/// <summary>
/// One node as the shape rules see it: the types of what it reads, its attributes, and a place for the types of what it makes.
/// </summary>
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
