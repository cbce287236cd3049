using SeverityEngine.Onnx.Graphs;
using SeverityEngine.Onnx.Passes.Gradients;
using SeverityEngine.Onnx.Passes.Quantization;

namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Reverse-mode differentiation of a graph, written as further nodes of that graph: the gradient of one output with respect to the input,
/// in the same runtime as the forward pass, whose values it shares.
/// </summary>
public static class InputGradient
{
    /// <summary>The output that is added: float32, of the input's shape.</summary>
    public const string GradientOutput = "image_gradient";

    /// <summary>The oldest version of the standard operators that models are differentiated in.</summary>
    public const long OldestOpset = 13;

    /// <summary>
    /// A copy of a model with the further output <see cref="GradientOutput"/>: the gradient of the sum of an output's elements. As the
    /// samples of a batch do not mix, each sample's gradient is that of its own score.
    /// </summary>
    /// <remarks>Only the path from the input to the output is differentiated: Conv (two spatial axes), BatchNormalization (as in
    /// inference), Relu, Clip, Sigmoid, MaxPool, AveragePool, GlobalAveragePool, Concat, Gemm, MatMul, Add, Sub, Mul, Div, Neg, Flatten,
    /// Reshape, Squeeze, Unsqueeze, Transpose, Slice, Gather, Pad, ReduceSum, ReduceMean, Identity. At the kinks of Relu and Clip the
    /// gradient is 0, as in PyTorch's relu; of equal values under a window of MaxPool the first has all of it.
    /// <para>
    /// A network of <see cref="QuantizedNetwork"/> has no gradient, for it rounds: the one given is that of the same network without the
    /// rounding, which is computed beside it. All other outputs stay as they are.
    /// </para></remarks>
    /// <param name="model">The model; it stays as it is.</param>
    /// <param name="output">The output that is differentiated; null for the first.</param>
    /// <param name="input">The input that it is differentiated with respect to; null for the first.</param>
    /// <exception cref="OnnxException">
    /// <see cref="OnnxFault.Unsupported"/>: an operator on the path, or the form it is used in, has no rule here; names operator and node.
    /// <see cref="OnnxFault.Invalid"/>: the graph is not sound, or lacks the input or the output.
    /// </exception>
    public static OnnxModel Of(OnnxModel model, string? output = null, string? input = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        output ??= model.Graph.Outputs[0].Name;
        input ??= model.Graph.Inputs[0].Name;
        OnnxModel derived = Derivation.Start(model, output, input, GradientOutput);
        if (!RealForm.IsQuantized(derived.Graph))
        {
            Differentiate(derived, output, input);
            return derived;
        }
        OnnxModel real = derived.Clone();
        RealForm.Apply(real);
        Differentiate(real, output, input);
        Derivation.AddOutput(derived, real, GradientOutput);
        return derived;
    }

    static void Differentiate(OnnxModel derived, string output, string input)
    {
        OnnxGraph graph = derived.Graph;
        if (derived.Opset() is not >= OldestOpset)
        {
            throw new OnnxException(OnnxFault.Unsupported,
                $"models of version {OldestOpset} of the standard operators, or newer, can be differentiated; "
                + $"this one is of version {derived.Opset()}: export it again");
        }

        List<OnnxNode> order = TopologicalOrder.Of(graph);
        Dictionary<string, OnnxValue> values = new(ShapeInference.Infer(graph));
        HashSet<string> active = ActivePath.Values(order, values, input, output);
        if (!active.Contains(output))
            throw new OnnxException(
                OnnxFault.Unsupported, $"the output '{output}' does not depend on the input '{input}': it has no gradient");

        OnnxNode[] path = [.. order.Where(n => n.Outputs.Any(active.Contains))];
        GradientRules.Require(path);

        GradientGraph gradients = new(derived, values, active, values[input]);
        gradients.Seed(output);
        foreach (OnnxNode node in Enumerable.Reverse(path))
        {
            // Without a gradient its values go nowhere that has one, such as places that a Gather leaves out.
            if (gradients.Find(node.Outputs[0]) is { } gradient)
                GradientRules.Apply(new GradientNode(gradients, node, gradient));
        }
        gradients.Finish(input, GradientOutput);
        GraphChecker.Check(derived, allowUnknownOperators: true);
    }
}
