using System.Diagnostics.CodeAnalysis;
using SeverityEngine.Onnx.Schema;
using static SeverityEngine.Onnx.OnnxElementType;

namespace SeverityEngine.Onnx.Shapes;

/// <summary>
/// The shape rule of each operator that is known, by name. A model from strangers may use these and no others
/// (<see cref="SafetyChecker"/>): what runs for ever, reads files, or whose memory the rule does not tell has no place here.
/// </summary>
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
        ["Pow"] = ElementwiseShapes.Pow,
        ["Dropout"] = ElementwiseShapes.Dropout,
        ["LRN"] = ElementwiseShapes.LocalResponseNormalization,
        ["GroupNormalization"] = ElementwiseShapes.GroupNormalization,
        ["LayerNormalization"] = ElementwiseShapes.LayerNormalization,

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
        ["Tile"] = LayoutShapes.Tile,

        ["Resize"] = ResizeShapes.Resize,
        ["DepthToSpace"] = ResizeShapes.DepthToSpace,
        ["SpaceToDepth"] = ResizeShapes.SpaceToDepth,

        ["Slice"] = SelectionShapes.Slice,
        ["Split"] = SelectionShapes.Split,
        ["Gather"] = SelectionShapes.Gather,
        ["Pad"] = SelectionShapes.Pad,
        ["ScatterElements"] = SelectionShapes.ScatterElements,

        ["QuantizeLinear"] = QuantizedShapes.QuantizeLinear,
        ["DequantizeLinear"] = QuantizedShapes.DequantizeLinear,

        ["com.microsoft.QLinearConv"] = ChannelsLastShapes.Conv,
        ["com.microsoft.QLinearAdd"] = QuantizedShapes.Add,
        ["com.microsoft.NhwcMaxPool"] = ChannelsLastShapes.MaxPool,
        [$"{WinogradOperator.Domain}.{WinogradOperator.OpType}"] = ChannelsLastShapes.WinogradConv,
        [$"{WinogradOperator.Domain}.{DenseLayerOperator.OpType}"] = ChannelsLastShapes.DenseLayer,
        [$"{WinogradOperator.Domain}.{DenseClampOperator.OpType}"] = ChannelsLastShapes.DenseClamp,
        [$"{WinogradOperator.Domain}.{DenseRoomOperator.OpType}"] = ChannelsLastShapes.DenseRoom,
        [$"{WinogradOperator.Domain}.{DensePoolOperator.OpType}"] = ChannelsLastShapes.DensePool,
    };

    static OperatorShapes()
    {
        foreach (string same in (string[])["Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Exp", "Log", "Sqrt", "Abs",
            "Neg", "Sign", "Reciprocal", "Softmax", "LogSoftmax", "Identity", "Elu", "Selu", "Celu", "ThresholdedRelu", "Softplus",
            "Softsign", "Erf", "Gelu", "Mish", "Floor", "Ceil", "Round", "Not", "InstanceNormalization", "LpNormalization"])
        {
            s_rules.Add(same, ElementwiseShapes.Same);
        }
        foreach (string arithmetic in (string[])["Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean", "PRelu", "And", "Or"])
            s_rules.Add(arithmetic, c => ElementwiseShapes.Broadcast(c, Undefined));
        foreach (string comparison in (string[])["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"])
            s_rules.Add(comparison, c => ElementwiseShapes.Broadcast(c, OnnxElementType.Boolean));
        foreach (string reduction in (string[])["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
            "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp"])
        {
            s_rules.Add(reduction, ReductionShapes.Reduce);
        }
    }

    /// <summary>The operators, those of other domains with their domain.</summary>
    public static IReadOnlyCollection<string> Names => s_rules.Keys;

    public static Action<OperatorContext>? RuleOf(OnnxNode node) =>
        s_rules.GetValueOrDefault(node.Domain.Length == 0 ? node.OpType : $"{node.Domain}.{node.OpType}");
}

/// <summary>
/// One node as the shape rules see it: the types of what it reads, its attributes, and a place for the types of what it makes.
/// </summary>
sealed class OperatorContext(
    OnnxNode node, OnnxGraph graph, Dictionary<string, OnnxValue> values, Dictionary<string, long[]> known)
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

    /// <summary>
    /// An input as whole numbers that are known: a constant, or computed of shapes; null where it is left out or neither.
    /// </summary>
    public long[]? ConstantIndices(int index)
    {
        if (node.Input(index) is { } name && known.TryGetValue(name, out long[]? computed))
            return computed;
        if (graph.Constant(node.Input(index)) is not { } tensor)
            return null;
        if (!ElementTypes.IsIndex(tensor.ElementType))
            Fail($"reads '{node.Input(index)}' of {tensor.ElementType}, where whole numbers are needed");
        return tensor.ToIndices();
    }

    /// <summary>An input as constant numbers; null where it is left out, not constant, or not of float32.</summary>
    public float[]? ConstantNumbers(int index) =>
        graph.Constant(node.Input(index)) is { ElementType: Float32 } tensor ? tensor.Values<float>().ToArray() : null;

    /// <summary>Whole numbers that older operator sets hold in an attribute and newer ones in an input.</summary>
    public long[]? Indices(string attribute, int input) => Attributes.GetInts(attribute) ?? ConstantIndices(input);

    /// <summary>Whether an input holds whole numbers as shapes and places do.</summary>
    public bool IsIndex(int index) => node.Input(index) is { } name && IsIndex(name);

    /// <summary>Whether a value holds whole numbers as shapes and places do.</summary>
    public bool IsIndex(string value) => values.GetValueOrDefault(value) is { } found && ElementTypes.IsIndex(found.ElementType);

    /// <summary>Notes the numbers of a value.</summary>
    public void Know(string value, long[] numbers) => known[value] = numbers;

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

    public OnnxException FaultOf(string fault) => Fault.Of($"{node} {fault}");
}
