namespace SeverityEngine.Onnx.Passes.Gradients;

/// <summary>
/// A graph that grows by the gradients of its values. A gradient has the rank of its value, but where all its elements along an axis are
/// equal it may have the length 1 there: the head's gradient is then the same few constants for any batch, and pooling's is not written
/// out.
/// </summary>
sealed partial class GradientGraph
{
    readonly Dictionary<string, OnnxValue> _values;
    readonly HashSet<string> _active;
    readonly Dictionary<string, string> _gradients = [];
    readonly OnnxModel _model;
    readonly GraphBuilder _builder;
    readonly OnnxElementType _type;
    string _name = "gradient";

    public GradientGraph(OnnxModel model, Dictionary<string, OnnxValue> values, HashSet<string> active, OnnxValue input)
    {
        if (input.ElementType is not (OnnxElementType.Float32 or OnnxElementType.Float64))
            throw Unsupported($"the input is {input}, where Float32 or Float64 is needed");
        _model = model;
        _builder = new GraphBuilder(model);
        _values = values;
        _active = active;
        _type = input.ElementType;
    }

    public static OnnxException Unsupported(string fault) =>
        new(OnnxFault.Unsupported, $"the model cannot be differentiated: {fault}");

    public bool IsActive(string value) => _active.Contains(value);

    public OnnxShape? ShapeOf(string value) => _values.GetValueOrDefault(value)?.Shape;

    public OnnxTensor? ConstantOf(string value) => _builder.Graph.Constant(value);

    /// <summary>The gradient of a value, as far as it is added up; null where there is none.</summary>
    public string? Find(string value) => _gradients.GetValueOrDefault(value);

    /// <summary>New nodes are named after this one of the forward pass.</summary>
    public void NameAfter(OnnxNode node) => _name = $"{node.NameOrOutput}.gradient";

    /// <summary>Begins at an output: its sum's gradient is 1 everywhere.</summary>
    public void Seed(string output)
    {
        OnnxShape shape = ShapeOf(output) ?? throw Unsupported($"the shape of the output '{output}' is not known");
        _gradients[output] = Constant([.. shape.Select(_ => 1L)], [1]);
    }

    /// <summary>Adds to the gradient of a value.</summary>
    public void Accumulate(string value, string gradient) =>
        _gradients[value] = _gradients.TryGetValue(value, out string? before) ? Add(before, gradient) : gradient;

    /// <summary>Makes the gradient of the input an output of the graph.</summary>
    public void Finish(string input, string name)
    {
        _name = name;
        OnnxValue value = _values[input];
        string gradient = _gradients.GetValueOrDefault(input) ?? throw Unsupported($"no gradient reaches the input '{input}'");
        _builder.Identity(Full(gradient, input), name);
        _builder.Output(name, value.ElementType, value.Shape!);
    }

    /// <summary>The gradient written out along the axes whose lengths are fixed; along the batch it may stay one for all.</summary>
    public string Dense(string gradient, OnnxShape shape)
    {
        OnnxShape have = _values[gradient].Shape!;
        if (shape.Zip(have).All(p => !p.First.IsFixed || p.First == p.Second))
            return gradient;
        return Made(_builder.Expand(gradient, [.. shape.Select(d => d.IsFixed ? d.Length : 1)], _name));
    }

    /// <summary>The gradient written out along all axes of its value.</summary>
    public string Full(string gradient, string value)
    {
        OnnxShape shape = ShapeOf(value) ?? throw Unsupported($"the shape of '{value}' is not known");
        if (shape.Equals(ShapeOf(gradient)))
            return gradient;
        string expanded =
            _builder.Node("Expand", [gradient, _builder.Node("Shape", [value], $"{_name}.shape").Outputs[0]], _name).Outputs[0];
        _values[expanded] = new OnnxValue(expanded, _type, shape);
        return expanded;
    }

    /// <summary>Undoes the broadcast of an operand: sums the gradient along the axes that it was stretched along.</summary>
    public string Unbroadcast(string gradient, string output, OnnxShape operand)
    {
        OnnxShape made = ShapeOf(output)!;
        int added = made.Rank - operand.Rank;
        int[] stretched = [.. Enumerable.Range(0, made.Rank).Where(i => i < added || (IsOne(operand[i - added]) && !IsOne(made[i])))];
        if (stretched.Length == 0)
            return gradient;
        // What is to be summed must be written out.
        gradient = stretched.All(i => made[i].IsFixed) ? Dense(gradient, made) : Full(gradient, output);
        gradient = ReduceSum(gradient, [.. stretched.Select(i => (long)i)], keepDimensions: true);
        return added == 0 ? gradient : Squeeze(gradient, [.. Enumerable.Range(0, added).Select(i => (long)i)]);
    }

    /// <summary>The gradient of a value in the shape of another that holds the same elements in the same order.</summary>
    public string Reshaped(string gradient, string value, string to)
    {
        OnnxShape from = ShapeOf(value) ?? throw Unsupported($"the shape of '{value}' is not known");
        OnnxShape shape = ShapeOf(to) ?? throw Unsupported($"the shape of '{to}' is not known");
        long fixedFrom = from.Where(d => d.IsFixed).Aggregate(1L, (p, d) => p * d.Length);
        long fixedTo = shape.Where(d => d.IsFixed).Aggregate(1L, (p, d) => p * d.Length);
        if (fixedFrom == fixedTo && from.Count(d => !d.IsFixed) <= 1 && shape.Count(d => !d.IsFixed) <= 1)
            return Reshape(Dense(gradient, from), [.. shape.Select(d => d.IsFixed ? d.Length : -1)]);
        string lengths = _builder.Node("Shape", [to], $"{_name}.shape").Outputs[0];
        string reshaped = _builder.Node("Reshape", [Full(gradient, value), lengths], _name).Outputs[0];
        _values[reshaped] = new OnnxValue(reshaped, _type, shape);
        return reshaped;
    }

    /// <summary>
    /// Lets the graph use a newer version of the standard operators. From 13 on versions only add to what the operators known here do, up
    /// to 17.
    /// </summary>
    public void NeedOpset(long opset, string purpose)
    {
        if (_model.Opset() >= opset)
            return;
        if (_model.Graph.Nodes.FirstOrDefault(n => n.Domain.Length == 0 && !ShapeInference.Knows(n)) is { } unknown)
            throw Unsupported(
                $"{purpose} needs version {opset} of the standard operators, to which {unknown} cannot be moved; export the model again");
        _model.SetOpset("", opset);
    }

    static bool IsOne(OnnxDimension dimension) => dimension.IsFixed && dimension.Length == 1;
}
