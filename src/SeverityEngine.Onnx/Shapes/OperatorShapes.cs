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
        foreach (string same in (string[])["Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Exp", "Log", "Sqrt", "Abs", "Neg",
            "Sign", "Reciprocal", "Softmax", "Identity"])
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
