namespace SeverityEngine.Onnx;

public sealed partial class GraphBuilder
{
    /// <summary>Convolution of <c>[N, C, H, W]</c> with a weight of <c>[M, C / group, h, w]</c>.</summary>
    /// <param name="x">The image.</param>
    /// <param name="weight">The kernels.</param>
    /// <param name="bias">What is added to each channel, <c>[M]</c>; null for nothing.</param>
    /// <param name="strides">Steps, one for each axis of the image; none for 1.</param>
    /// <param name="pads">Zeros around the image: before each axis, then after each; none for 0.</param>
    /// <param name="group">Groups of channels that do not mix.</param>
    /// <param name="name">The node's name.</param>
    public string Conv(
        string x, string weight, string? bias = null, ReadOnlySpan<long> strides = default, ReadOnlySpan<long> pads = default,
        long group = 1,
        string? name = null)
    {
        OnnxNode node = Node("Conv", [x, weight, bias], name);
        SetWindow(node, default, strides, pads);
        if (group != 1)
            node.Attributes.Set("group", group);
        return node.Outputs[0];
    }

    /// <summary>Normalization of each channel: <c>(x - mean) / sqrt(variance + epsilon) * scale + bias</c>.</summary>
    public string BatchNormalization(
        string x, string scale, string bias, string mean, string variance, float epsilon = 1e-5f, string? name = null)
    {
        OnnxNode node = Node("BatchNormalization", [x, scale, bias, mean, variance], name);
        node.Attributes.Set("epsilon", epsilon);
        return node.Outputs[0];
    }

    /// <summary>The largest value under a window; what is padded never wins.</summary>
    public string MaxPool(
        string x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> strides = default, ReadOnlySpan<long> pads = default, string? name = null)
    {
        OnnxNode node = Node("MaxPool", [x], name);
        SetWindow(node, kernel, strides, pads);
        return node.Outputs[0];
    }

    /// <summary>The average under a window.</summary>
    public string AveragePool(
        string x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> strides = default, ReadOnlySpan<long> pads = default, string? name = null)
    {
        OnnxNode node = Node("AveragePool", [x], name);
        SetWindow(node, kernel, strides, pads);
        return node.Outputs[0];
    }

    /// <summary>The average of each channel, as an image of one pixel.</summary>
    public string GlobalAveragePool(string x, string? name = null) => One("GlobalAveragePool", name, x);

    /// <summary>The larger of x and 0.</summary>
    public string Relu(string x, string? name = null) => One("Relu", name, x);

    /// <summary>1 / (1 + exp(-x)).</summary>
    public string Sigmoid(string x, string? name = null) => One("Sigmoid", name, x);

    /// <summary>x itself.</summary>
    public string Identity(string x, string? name = null) => One("Identity", name, x);

    /// <summary>x held between two numbers, constants without dimensions; null for no bound.</summary>
    public string Clip(string x, string? min, string? max, string? name = null)
    {
        NeedOpset(11, "Clip");
        return One("Clip", name, x, min, max);
    }

    /// <summary>x as another type.</summary>
    public string Cast(string x, OnnxElementType to, string? name = null) => OneWith("Cast", name, "to", (long)to, x);

    /// <summary>a + b, broadcast.</summary>
    public string Add(string a, string b, string? name = null) => One("Add", name, a, b);

    /// <summary>a - b, broadcast.</summary>
    public string Sub(string a, string b, string? name = null) => One("Sub", name, a, b);

    /// <summary>a * b, broadcast.</summary>
    public string Mul(string a, string b, string? name = null) => One("Mul", name, a, b);

    /// <summary>a / b, broadcast.</summary>
    public string Div(string a, string b, string? name = null) => One("Div", name, a, b);

    /// <summary>The larger of a and b, broadcast.</summary>
    public string Max(string a, string b, string? name = null) => One("Max", name, a, b);

    /// <summary>The smaller of a and b, broadcast.</summary>
    public string Min(string a, string b, string? name = null) => One("Min", name, a, b);

    /// <summary>The matrix product, over the last two axes.</summary>
    public string MatMul(string a, string b, string? name = null) => One("MatMul", name, a, b);

    /// <summary>The product of two matrices plus a bias that is broadcast to it: <c>alpha a b + beta c</c> with alpha and beta 1.</summary>
    /// <param name="a">The left matrix.</param>
    /// <param name="b">The right matrix.</param>
    /// <param name="c">The bias; null for none.</param>
    /// <param name="transA">Whether to transpose the left matrix.</param>
    /// <param name="transB">Whether to transpose the right matrix, as a layer's weight of <c>[outputs, inputs]</c> needs.</param>
    /// <param name="name">The node's name.</param>
    public string Gemm(string a, string b, string? c = null, bool transA = false, bool transB = false, string? name = null)
    {
        OnnxNode node = Node("Gemm", [a, b, c], name);
        if (transA)
            node.Attributes.Set("transA", 1);
        if (transB)
            node.Attributes.Set("transB", 1);
        return node.Outputs[0];
    }

    /// <summary>Tensors one after the other along an axis.</summary>
    public string Concat(ReadOnlySpan<string> inputs, long axis, string? name = null) => OneWith("Concat", name, "axis", axis, inputs);

    /// <summary>A matrix: the axes before this one, and those from it on.</summary>
    public string Flatten(string x, long axis = 1, string? name = null) => OneWith("Flatten", name, "axis", axis, x);

    /// <summary>Other dimensions; -1 for what is left over, 0 for the dimension as it is.</summary>
    public string Reshape(string x, ReadOnlySpan<long> shape, string? name = null) => One("Reshape", name, x, Axes("shape", shape, name));

    /// <summary>The axes in another order.</summary>
    public string Transpose(string x, ReadOnlySpan<long> order, string? name = null)
    {
        OnnxNode node = Node("Transpose", [x], name);
        node.Attributes.Set("perm", order);
        return node.Outputs[0];
    }

    /// <summary>A part of a tensor: from start to before end, along each of the axes.</summary>
    public string Slice(string x, ReadOnlySpan<long> starts, ReadOnlySpan<long> ends, ReadOnlySpan<long> axes, string? name = null)
    {
        NeedOpset(10, "Slice");
        return One("Slice", name, x, Axes("starts", starts, name), Axes("ends", ends, name), Axes("axes", axes, name));
    }

    /// <summary>The entries at these places along an axis.</summary>
    public string Gather(string x, string indices, long axis, string? name = null) => OneWith("Gather", name, "axis", axis, x, indices);

    /// <summary>The tensor stretched to a shape by the rules of broadcasting: an axis may stay as it is where the shape has 1.</summary>
    public string Expand(string x, ReadOnlySpan<long> shape, string? name = null) => One("Expand", name, x, Axes("shape", shape, name));

    /// <summary>Zeros around a tensor: before each axis, then after each.</summary>
    public string Pad(string x, ReadOnlySpan<long> pads, string? name = null)
    {
        NeedOpset(11, "Pad");
        return One("Pad", name, x, Axes("pads", pads, name));
    }

    /// <summary>The tensor without these axes of length 1.</summary>
    public string Squeeze(string x, ReadOnlySpan<long> axes, string? name = null)
    {
        NeedOpset(13, "Squeeze");
        return One("Squeeze", name, x, Axes("axes", axes, name));
    }

    /// <summary>The tensor with axes of length 1 at these places of the result.</summary>
    public string Unsqueeze(string x, ReadOnlySpan<long> axes, string? name = null)
    {
        NeedOpset(13, "Unsqueeze");
        return One("Unsqueeze", name, x, Axes("axes", axes, name));
    }

    /// <summary>The sum over axes.</summary>
    public string ReduceSum(string x, ReadOnlySpan<long> axes, bool keepDimensions = true, string? name = null)
    {
        NeedOpset(13, "ReduceSum");
        OnnxNode node = Node("ReduceSum", [x, Axes("axes", axes, name)], name);
        node.Attributes.Set("keepdims", keepDimensions ? 1 : 0);
        return node.Outputs[0];
    }

    /// <summary>The average over axes.</summary>
    public string ReduceMean(string x, ReadOnlySpan<long> axes, bool keepDimensions = true, string? name = null)
    {
        bool axesAreInput = Model.Opset() >= 18;
        OnnxNode node = Node("ReduceMean", [x, axesAreInput ? Axes("axes", axes, name) : null], name);
        if (!axesAreInput)
            node.Attributes.Set("axes", axes);
        node.Attributes.Set("keepdims", keepDimensions ? 1 : 0);
        return node.Outputs[0];
    }

    static void SetWindow(OnnxNode node, ReadOnlySpan<long> kernel, ReadOnlySpan<long> strides, ReadOnlySpan<long> pads)
    {
        if (!kernel.IsEmpty)
            node.Attributes.Set("kernel_shape", kernel);
        if (!strides.IsEmpty)
            node.Attributes.Set("strides", strides);
        if (!pads.IsEmpty)
            node.Attributes.Set("pads", pads);
    }

    string Axes(string purpose, ReadOnlySpan<long> values, string? name) => Vector(name is null ? purpose : $"{name}.{purpose}", values);

    string OneWith(string opType, string? name, string attribute, long value, params ReadOnlySpan<string> inputs)
    {
        OnnxNode node = Node(opType, inputs.ToArray(), name);
        node.Attributes.Set(attribute, value);
        return node.Outputs[0];
    }
}
