using System.Diagnostics.CodeAnalysis;

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
                throw GradientGraph.Unsupported(
                    $"{node}: operator {node.OpType} has no rule; the rules are for {string.Join(", ", s_rules.Keys.Order())}");
        }
    }

    /// <summary>Passes a node's gradient on to the inputs that need one.</summary>
    public static void Apply(GradientNode node) => s_rules[node.Node.OpType](node);
}

/// <summary>
/// One node of the forward pass as its rule sees it: what it read, the gradient of what it made, and where gradients of its inputs go.
/// </summary>
sealed class GradientNode
{
    readonly OnnxNode _node;

    public GradientNode(GradientGraph graph, OnnxNode node, string gradient)
    {
        _node = node;
        Graph = graph;
        Gradient = gradient;
        graph.NameAfter(node);
    }

    public GradientGraph Graph { get; }

    public OnnxNode Node => _node;

    public OnnxAttributes Attributes => _node.Attributes;

    /// <summary>The gradient of the output; it has the output's rank, but lengths of 1 may stand for equal elements.</summary>
    public string Gradient { get; }

    /// <summary>The value that the node makes.</summary>
    public string Output => _node.Outputs[0];

    public OnnxShape OutputShape => ShapeOf(Output);

    public int InputCount => _node.Inputs.Count;

    public string Input(int index) => _node.Input(index) ?? throw FaultOf($"lacks its input {index}");

    public OnnxShape InputShape(int index) => ShapeOf(Input(index));

    /// <summary>Whether the input depends on the image, so that it needs a gradient.</summary>
    public bool IsActive(int index) => _node.Input(index) is { } name && Graph.IsActive(name);

    /// <summary>An input that must be constant.</summary>
    public OnnxTensor Constant(int index) =>
        Graph.ConstantOf(Input(index)) ?? throw FaultOf($"reads '{Input(index)}', which is not constant");

    /// <summary>An input of constant whole numbers; null where it is left out.</summary>
    public long[]? Indices(int index) => _node.Input(index) is null ? null : Constant(index).ToIndices();

    /// <summary>Adds to the gradient of an input.</summary>
    public void Pass(int index, string gradient) => Graph.Accumulate(Input(index), gradient);

    /// <summary>An axis counted from the front.</summary>
    public static int Axis(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);

    /// <summary>A dimension that must be a number.</summary>
    public long Length(OnnxShape shape, int axis)
    {
        if (!shape[axis].IsFixed)
            Fail($"works along dimension {axis} of {shape}, whose length is not fixed");
        return shape[axis].Length;
    }

    [DoesNotReturn]
    public void Fail(string fault) => throw FaultOf(fault);

    OnnxShape ShapeOf(string value) => Graph.ShapeOf(value) ?? throw FaultOf($"has to do with '{value}', whose shape is not known");

    OnnxException FaultOf(string fault) => GradientGraph.Unsupported($"{_node} {fault}");
}
