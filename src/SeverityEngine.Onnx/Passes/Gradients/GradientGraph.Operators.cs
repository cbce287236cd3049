using SeverityEngine.Onnx.Shapes;

namespace SeverityEngine.Onnx.Passes.Gradients;

/// <summary>The words that rules write gradients in: each adds a node and knows the shape of what it makes.</summary>
sealed partial class GradientGraph
{
    public string Add(string a, string b) => Made(_builder.Add(a, b, _name));

    public string Sub(string a, string b) => Made(_builder.Sub(a, b, _name));

    public string Mul(string a, string b) => Made(_builder.Mul(a, b, _name));

    public string Div(string a, string b) => Made(_builder.Div(a, b, _name));

    public string Neg(string x) => One("Neg", x);

    /// <summary>1 where x is positive, 0 where it is 0; x is never negative.</summary>
    /// <remarks>
    /// ONNX Runtime computes a HardSigmoid, <c>max(0, min(1, alpha x))</c>, in vectors and on all threads, and a Sign in neither way,
    /// several times slower; its result also stays in the blocked layout of convolutions. With the largest alpha there is, any x from 3e-39
    /// on, less than the smallest normal number, gives 1.
    /// </remarks>
    public string IsPositive(string x)
    {
        if (_type != OnnxElementType.Float32)
            return One("Sign", x);
        OnnxNode step = _builder.Node("HardSigmoid", [x], _name);
        step.Attributes.Set("alpha", float.MaxValue);
        step.Attributes.Set("beta", 0f);
        return Made(step.Outputs[0]);
    }

    public string MatMul(string a, string b) => Made(_builder.MatMul(a, b, _name));

    public string Gemm(string a, string b, bool transA, bool transB, float alpha)
    {
        string product = _builder.Gemm(a, b, null, transA, transB, _name);
        if (alpha != 1)
            _builder.Graph.Nodes[^1].Attributes.Set("alpha", alpha);
        return Made(product);
    }

    public string Conv(string x, string weight, ReadOnlySpan<long> pads, ReadOnlySpan<long> dilations, long group)
    {
        string convolved = _builder.Conv(x, weight, pads: pads, group: group, name: _name);
        if (dilations.ContainsAnyExcept(1))
            _builder.Graph.Nodes[^1].Attributes.Set("dilations", dilations);
        return Made(convolved);
    }

    public string Reshape(string x, ReadOnlySpan<long> shape) => Made(_builder.Reshape(x, shape, _name));

    public string Transpose(string x, ReadOnlySpan<long> order) => Made(_builder.Transpose(x, order, _name));

    public string Squeeze(string x, ReadOnlySpan<long> axes) => Made(_builder.Squeeze(x, axes, _name));

    public string Unsqueeze(string x, ReadOnlySpan<long> axes) => Made(_builder.Unsqueeze(x, axes, _name));

    public string Slice(string x, int axis, long start, long end) => Made(_builder.Slice(x, [start], [end], [axis], _name));

    /// <summary>Zeros around a tensor; negative numbers cut.</summary>
    public string Pad(string x, ReadOnlySpan<long> pads) => pads.ContainsAnyExcept(0) ? Made(_builder.Pad(x, pads, _name)) : x;

    /// <summary>Zeros around one axis; negative numbers cut.</summary>
    public string Pad(string x, int axis, long before, long after)
    {
        int rank = ShapeOf(x)!.Rank;
        long[] pads = new long[2 * rank];
        pads[axis] = before;
        pads[axis + rank] = after;
        return Pad(x, pads);
    }

    public string Gather(string x, int axis, ReadOnlySpan<long> shape, ReadOnlySpan<long> indices) =>
        Made(_builder.Gather(x, _builder.Constant($"{_name}.indices", shape, indices), axis, _name));

    public string ReduceSum(string x, ReadOnlySpan<long> axes, bool keepDimensions) =>
        Made(_builder.ReduceSum(x, axes, keepDimensions, _name));

    /// <summary>
    /// The sums of the numbers that have the same index into a tensor of the shape that <paramref name="like"/> has, as a vector.
    /// </summary>
    public string ScatterAdd(string numbers, string indices, string like, bool indicesRepeat)
    {
        string shape = _builder.Node("Shape", [like], $"{_name}.shape").Outputs[0];
        string zeros = _builder.Node("ConstantOfShape", [shape], $"{_name}.zeros").Outputs[0];
        _builder.Graph.Nodes[^1].Attributes.Set("value", Tensor("", [1], [0]));
        _values[zeros] = new OnnxValue(zeros, _type, ShapeOf(like));
        string scattered =
            _builder.Node("ScatterElements", [Reshape(zeros, [-1]), Reshape(indices, [-1]), Reshape(numbers, [-1])], _name).Outputs[0];
        OnnxAttributes attributes = _builder.Graph.Nodes[^1].Attributes;
        attributes.Set("axis", 0);
        if (indicesRepeat)
            attributes.Set("reduction", "add");
        return Made(scattered);
    }

    /// <summary>A number of the graph's type.</summary>
    public string Number(double value) => Constant([], [value]);

    /// <summary>A constant of the graph's type.</summary>
    public string Constant(ReadOnlySpan<long> dimensions, double[] values)
    {
        string name = _builder.Constant(Tensor($"{_name}.constant", dimensions, values));
        _values[name] = new OnnxValue(name, _type, OnnxShape.Of(dimensions));
        return name;
    }

    /// <summary>A constant's values in double precision.</summary>
    public static double[] Numbers(OnnxTensor tensor) =>
        tensor.ElementType == OnnxElementType.Float64
            ? tensor.Values<double>().ToArray() : [.. tensor.Values<float>().ToArray().Select(v => (double)v)];

    /// <summary>Lets a node of the forward pass make its second value, which it had left out.</summary>
    public string AddSecondOutput(OnnxNode node, string hint)
    {
        OnnxGraph graph = _builder.Graph;
        string name = graph.FreshName(hint);
        if (node.Proto.Output.Count < 2)
            node.Proto.Output.Add(name);
        else
            node.Proto.Output[1] = name;
        graph.Changed(name);
        Infer(node);
        return name;
    }

    OnnxTensor Tensor(string name, ReadOnlySpan<long> dimensions, double[] values) => _type == OnnxElementType.Float64
        ? OnnxTensor.Create<double>(name, dimensions, values)
        : OnnxTensor.Create<float>(name, dimensions, [.. values.Select(v => (float)v)]);

    string One(string opType, string x) => Made(_builder.Node(opType, [x], _name).Outputs[0]);

    /// <summary>Notes the shape of what the newest node makes.</summary>
    string Made(string value)
    {
        Infer(_builder.Graph.Nodes[^1]);
        return value;
    }

    void Infer(OnnxNode node)
    {
        foreach (string input in node.Inputs)
        {
            if (!_values.ContainsKey(input) && _builder.Graph.Initializers.TryGetValue(input, out OnnxTensor? tensor))
                _values[input] = new OnnxValue(input, tensor.ElementType, tensor.Shape);
        }
        OperatorShapes.RuleOf(node)!(new OperatorContext(node, _builder.Graph, _values, []));
    }
}
