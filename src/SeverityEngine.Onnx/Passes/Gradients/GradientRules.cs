namespace SeverityEngine.Onnx.Passes.Gradients;

/// <summary>The rule of each operator that can be differentiated, by name.</summary>
static class GradientRules
{
    static readonly Dictionary<string, Action<GradientNode>> s_rules = new()
    {
        ["Conv"] = ConvGradient.Conv,

        ["MaxPool"] = PoolGradient.MaxPool,
        ["AveragePool"] = PoolGradient.AveragePool,
        ["GlobalAveragePool"] = PoolGradient.GlobalAveragePool,
        ["ReduceMean"] = PoolGradient.ReduceMean,
        ["ReduceSum"] = PoolGradient.ReduceSum,

        ["BatchNormalization"] = ElementwiseGradient.BatchNormalization,
        ["Relu"] = ElementwiseGradient.Relu,
        ["Clip"] = ElementwiseGradient.Clip,
        ["Sigmoid"] = ElementwiseGradient.Sigmoid,
        ["Identity"] = ElementwiseGradient.Identity,
        ["Neg"] = ElementwiseGradient.Neg,
        ["Add"] = ElementwiseGradient.Add,
        ["Sub"] = ElementwiseGradient.Sub,
        ["Mul"] = ElementwiseGradient.Mul,
        ["Div"] = ElementwiseGradient.Div,

        ["Gemm"] = MatrixGradient.Gemm,
        ["MatMul"] = MatrixGradient.MatMul,

        ["Flatten"] = LayoutGradient.Reshape,
        ["Reshape"] = LayoutGradient.Reshape,
        ["Squeeze"] = LayoutGradient.Reshape,
        ["Unsqueeze"] = LayoutGradient.Reshape,
        ["Transpose"] = LayoutGradient.Transpose,
        ["Concat"] = LayoutGradient.Concat,

        ["Slice"] = SelectionGradient.Slice,
        ["Gather"] = SelectionGradient.Gather,
        ["Pad"] = SelectionGradient.Pad,
    };

    /// <summary>Refuses nodes whose operator has no rule, before anything is written.</summary>
    public static void Require(IEnumerable<OnnxNode> path)
    {
        foreach (OnnxNode node in path)
        {
            if (node.Domain.Length > 0 || !s_rules.ContainsKey(node.OpType))
                throw GradientGraph.Unsupported($"{node}: operator {node.OpType} has no rule; the rules are for {string.Join(", ", s_rules.Keys.Order())}");
        }
    }

    /// <summary>Passes a node's gradient on to the inputs that need one.</summary>
    public static void Apply(GradientNode node) => s_rules[node.Node.OpType](node);
}
