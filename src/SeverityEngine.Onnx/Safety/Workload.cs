using SeverityEngine.Onnx.Graphs;
using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Safety;

/// <summary>What running a graph of fixed lengths takes, and what in it could end the process that runs it.</summary>
static class Workload
{
    /// <summary>Refuses a graph that takes too much, or that cannot be told.</summary>
    public static void Check(OnnxGraph graph)
    {
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(graph);
        List<OnnxNode> order = TopologicalOrder.Of(graph);
        Dictionary<string, int> lastUse = [];
        for (int i = 0; i < order.Count; i++)
        {
            foreach (string input in order[i].Inputs)
                lastUse[input] = i;
        }
        double steps = 0;
        long held = graph.Inputs.Sum(i => Size(i.Name, $"the input '{i.Name}'", values));
        for (int i = 0; i < order.Count; i++)
        {
            OnnxNode node = order[i];
            if (!ShapeInference.Knows(node))
                Fault.Untrusted($"{node}: the operator is none of those that data may use");
            UnsafeUses.Refuse(node, graph, values);
            string[] made = [.. node.Outputs.Where(o => o.Length > 0)];
            foreach (string output in made)
                held += Size(output, $"{node}: its output", values);
            if (held > SafetyChecker.MostBytes)
                Fault.Untrusted($"{node}: here the values of one sample take {held} bytes at once, and those of data at most "
                    + $"{SafetyChecker.MostBytes}");
            if ((steps += Steps(node, values)) > SafetyChecker.MostSteps)
                Fault.Untrusted(
                    $"{node}: up to here one sample takes {steps:0} steps, and that of data at most {SafetyChecker.MostSteps:0}");
            foreach (string value in made.Concat(node.Inputs.Distinct()))
            {
                // What nobody reads goes at once; the graph's outputs are few and small, or were counted as large already.
                if (lastUse.GetValueOrDefault(value, i) == i && value.Length > 0 && !graph.Initializers.ContainsKey(value))
                    held -= Size(value, value, values);
            }
        }
    }

    /// <summary>A value's bytes.</summary>
    static long Size(string value, string whose, IReadOnlyDictionary<string, OnnxValue> values)
    {
        OnnxValue found = values.GetValueOrDefault(value) ?? new OnnxValue(value);
        int element = ElementTypes.Size(found.ElementType);
        if (element == 0)
            Fault.Untrusted($"{whose} is of type {found.ElementType}, and data has numbers alone");
        if (found.Shape is not { IsFixed: true } shape)
            throw new OnnxException(OnnxFault.Untrusted, $"{whose} is of a size that cannot be told before the model runs: {found}");
        double count = shape.Aggregate(1.0, (product, d) => product * d.Length);
        if (count == 0)
            Fault.Untrusted($"{whose} has no elements: {found}");
        if (count * element > SafetyChecker.MostBytes)
            Fault.Untrusted($"{whose} takes {count * element:0} bytes, and the values of data at most {SafetyChecker.MostBytes}: {found}");
        return (long)count * element;
    }

    /// <summary>About how many multiplications and additions a node takes, or other steps on a number.</summary>
    static double Steps(OnnxNode node, IReadOnlyDictionary<string, OnnxValue> values)
    {
        double read = node.Inputs.Where(i => i.Length > 0).Select(Count).DefaultIfEmpty().Max();
        double made = node.Outputs.Where(o => o.Length > 0).Select(Count).DefaultIfEmpty().Max();
        double perElement = node.OpType switch
        {
            "Conv" or "WinogradConv" => Window(1),
            "DenseLayer" => (Count(node.Inputs[3]) + Count(node.Inputs[5])) / Length(0, ^1),
            "QLinearConv" => Window(3),
            "MatMul" => Length(0, ^1),
            "Gemm" => Length(0, node.Attributes.GetInt("transA", 0) != 0 ? 0 : ^1),
            "MaxPool" or "AveragePool" or "NhwcMaxPool" =>
                node.Attributes.GetInts("kernel_shape")!.Aggregate(1.0, (product, k) => product * k),
            "LRN" => node.Attributes.GetInt("size", 1),
            "Resize" => 16,
            _ => 1,
        };
        // What is written through a window, and what is read through one.
        return node.OpType == "ConvTranspose" ? Count(node.Inputs[0]) * Window(1) : Math.Max(read, made * perElement);

        double Count(string value) => values[value].Shape!.ElementCount!.Value;

        double Window(int weight) => Count(node.Inputs[weight]) / Length(weight, 0);

        double Length(int input, Index at) => values[node.Inputs[input]].Shape is { Rank: > 0 } shape ? shape[at].Length : 1;
    }
}
