using System.Diagnostics.CodeAnalysis;

namespace SeverityEngine.Onnx.Passes.Quantization;

/// <summary>A node, or a few that become one, of the quantized part of a network.</summary>
/// <param name="Node">The node that names it.</param>
/// <param name="Input">What it reads; a concatenation reads all of its node's inputs.</param>
/// <param name="Output">The value that it makes.</param>
abstract record Step(OnnxNode Node, string Input, string Output);

/// <summary>
/// The first convolution, with the ReLU and the pooling behind it: it stays in floating point. Its filters look for faint edges beside the
/// image's brightness, which 8 bits would drown in noise, and on one channel the runtime has no faster quantized kernel.
/// </summary>
sealed record EntryStep(OnnxNode Node, string Output, bool Relu, OnnxNode? Pool) : Step(Node, Node.Inputs[0], Output);

/// <summary>A convolution, with the ReLU behind it.</summary>
sealed record ConvStep(OnnxNode Node, string Input, string Output, bool Relu) : Step(Node, Input, Output);

/// <summary>A ReLU with the normalization in front of it, if any, that no convolution can take up.</summary>
sealed record ThresholdStep(OnnxNode Node, string Input, string Output, ChannelMap? Map) : Step(Node, Input, Output);

sealed record MaxPoolStep(OnnxNode Node, string Input, string Output) : Step(Node, Input, Output);

sealed record AveragePoolStep(OnnxNode Node, string Input, string Output) : Step(Node, Input, Output);

/// <summary>A sum of two activations, as at the end of a residual block, with the ReLU behind it.</summary>
sealed record AddStep(OnnxNode Node, string Input, string Second, string Output, bool Relu) : Step(Node, Input, Output);

sealed record ConcatStep(OnnxNode Node, string Output) : Step(Node, Node.Inputs[0], Output);

/// <summary>Where the activations are dequantized; what follows stays in floating point.</summary>
sealed record ExitStep(OnnxNode Node, string Output) : Step(Node, Output, Output);

/// <summary>
/// Reads a network as steps that can be quantized, from its first convolution on. In a DenseNet the last block, on the fewest pixels, is
/// cheap and stays in floating point: there images differ by the most orders of magnitude.
/// </summary>
static class Steps
{
    /// <exception cref="OnnxException"><see cref="OnnxFault.Unsupported"/>: the network has a node that is no such step.</exception>
    public static List<Step> Of(OnnxGraph graph, string image)
    {
        List<Step> steps = [];
        HashSet<OnnxNode> taken = [];
        // What is done to the image before its first convolution stays in floating point.
        while (graph.TryGetOnlyConsumer(image, out OnnxNode? first) && !first.Is("Conv"))
        {
            taken.Add(first);
            image = first.Outputs[0];
        }
        HashSet<string> known = [image];
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(graph);
        foreach (OnnxNode node in graph.Nodes)
        {
            // Behind an average over the whole image all is cheap.
            if (taken.Contains(node) || node.Is("GlobalAveragePool") || !node.Inputs.Any(known.Contains))
                continue;
            Step step = Read(graph, values, image, node, known, taken);
            steps.Add(step);
            known.Add(step.Output);
        }
        int last = steps.FindLastIndex(s => s is ConvStep && steps.Exists(p => p is AveragePoolStep && p.Output == s.Input));
        if (last >= 0)
            steps.RemoveRange(last + 1, steps.Count - last - 1);
        steps.AddRange(Exits(graph, steps));
        if (steps.FirstOrDefault() is not EntryStep || !steps.Exists(s => s is ConvStep) || !steps.Exists(s => s is ExitStep))
            Refuse("it has no blocks of convolutions between its image and a pooling of averages");
        return steps;
    }

    /// <summary>The values of steps that are read by anything but steps.</summary>
    static ExitStep[] Exits(OnnxGraph graph, List<Step> steps)
    {
        HashSet<OnnxNode?> inside = [.. steps.Select(s => s.Node), .. steps.Select(s => graph.Producer(s.Output))];
        return [.. steps.Where(s => graph.Consumers(s.Output).Any(c => !inside.Contains(c))).Select(s => new ExitStep(s.Node, s.Output))];
    }

    static Step Read(OnnxGraph graph, IReadOnlyDictionary<string, OnnxValue> values, string image, OnnxNode node, HashSet<string> known,
        HashSet<OnnxNode> taken)
    {
        string input = node.Inputs[0], output = node.Outputs[0];
        if (node.Is("Conv") && node.IsExplicit() && node.Attributes.GetInt("group", 1) == 1 && node.HasOnly("dilations", 1)
            && graph.Constant(node.Input(1)) is { ElementType: OnnxElementType.Float32, Dimensions.Count: 4 }
            && (node.Input(2) is not { } bias || graph.Constant(bias) is not null))
        {
            bool relu = TryTakeRelu(graph, output, taken, out OnnxNode? after);
            string made = relu ? after!.Outputs[0] : output;
            if (input != image)
                return new ConvStep(node, input, made, relu);
            OnnxNode? pool = graph.TryGetOnlyConsumer(made, out OnnxNode? next) && IsMaxPool(next) ? next : null;
            if (pool is not null)
                taken.Add(pool);
            return new EntryStep(node, pool?.Outputs[0] ?? made, relu, pool);
        }
        if (node.Is("BatchNormalization") && ChannelMap.OfNormalization(node, graph) is { } map
            && TryTakeRelu(graph, output, taken, out OnnxNode? rectifier))
            return new ThresholdStep(node, input, rectifier.Outputs[0], map);
        if (node.Is("Relu"))
            return new ThresholdStep(node, input, output, null);
        if (IsMaxPool(node))
            return new MaxPoolStep(node, input, output);
        if (node.Is("AveragePool") && node.IsPlainWindow())
            return new AveragePoolStep(node, input, output);
        if (node.Is("Concat") && node.Attributes.GetInt("axis") is 1 or -3 && node.Inputs.All(known.Contains))
            return new ConcatStep(node, output);
        if (node.Is("Add") && node.Inputs.All(known.Contains) && input != node.Inputs[1]
            && values.GetValueOrDefault(input)?.Shape is { Rank: 4 } shape
            && shape.Equals(values.GetValueOrDefault(node.Inputs[1])?.Shape))
        {
            bool relu = TryTakeRelu(graph, output, taken, out OnnxNode? after);
            return new AddStep(node, input, node.Inputs[1], relu ? after!.Outputs[0] : output, relu);
        }
        Refuse($"{node} cannot be quantized here");
        return null!;
    }

    static bool IsMaxPool(OnnxNode node) =>
        node.Is("MaxPool") && node.IsExplicit() && node.Outputs.Count == 1 && node.HasOnly("dilations", 1);

    static bool TryTakeRelu(OnnxGraph graph, string value, HashSet<OnnxNode> taken, [NotNullWhen(true)] out OnnxNode? relu)
    {
        if (!graph.TryGetOnlyConsumer(value, out relu) || !relu.Is("Relu"))
            return false;
        taken.Add(relu);
        return true;
    }

    [DoesNotReturn]
    static void Refuse(string reason) => throw new OnnxException(OnnxFault.Unsupported,
        $"the network cannot be quantized: {reason}; leave it in floating point");
}
