namespace SeverityEngine.Onnx.Tests.Reference;

/// <summary>
/// Runs a graph in double precision, in which ONNX Runtime has no convolution: each operator as its definition reads, in plain loops. Tests
/// hold it against ONNX Runtime, and differentiate it numerically.
/// </summary>
static class DoubleInterpreter
{
    public static Dictionary<string, DoubleTensor> Run(OnnxModel model, string input, DoubleTensor value)
    {
        Dictionary<string, DoubleTensor> values = model.Graph.Initializers.ToDictionary(i => i.Key, i => DoubleTensor.Of(i.Value));
        values[input] = value;
        foreach (OnnxNode node in model.Graph.Nodes)
        {
            DoubleTensor[] made = Run(node, [.. node.Inputs.Select(i => i.Length > 0 ? values[i] : null)]);
            for (int i = 0; i < node.Outputs.Count; i++)
                values[node.Outputs[i]] = made[i];
        }
        return model.Graph.Outputs.ToDictionary(o => o.Name, o => values[o.Name]);
    }

    static DoubleTensor[] Run(OnnxNode node, DoubleTensor?[] inputs)
    {
        DoubleTensor x = inputs.Length > 0 ? inputs[0]! : DoubleTensor.Zeros();
        return node.OpType switch
        {
            "Conv" => [WindowEvaluation.Conv(node, x, inputs[1]!, inputs.ElementAtOrDefault(2))],
            "MaxPool" => WindowEvaluation.MaxPool(node, x),
            "AveragePool" => [WindowEvaluation.AveragePool(node, x)],
            "GlobalAveragePool" => [Reduce(x, [.. Enumerable.Range(2, x.Rank - 2)], true, isMean: true)],
            "ReduceMean" => [Reduce(x, Axes(node, inputs, x.Rank), node.Attributes.GetInt("keepdims", 1) != 0, isMean: true)],
            "ReduceSum" => [Reduce(x, Axes(node, inputs, x.Rank), node.Attributes.GetInt("keepdims", 1) != 0, isMean: false)],
            "BatchNormalization" => [BatchNormalization(node, inputs)],
            "Relu" => [Map(x, v => Math.Max(v, 0))],
            "Sigmoid" => [Map(x, v => 1 / (1 + Math.Exp(-v)))],
            "HardSigmoid" =>
            [Map(x, v => Math.Clamp((node.Attributes.GetFloat("alpha", 0.2f) * v) + node.Attributes.GetFloat("beta", 0.5f), 0, 1))],
            "Neg" => [Map(x, v => -v)],
            "Sign" => [Map(x, v => Math.Sign(v))],
            "Identity" => [x],
            "Constant" => [DoubleTensor.Of(node.Attributes.GetTensor("value")!)],
            "Clip" => [Map(x, v => Math.Min(
            Math.Max(v, inputs.ElementAtOrDefault(1)?.Values[0] ?? v), inputs.ElementAtOrDefault(2)?.Values[0] ?? double.MaxValue))],
            "Add" => [Combine(x, inputs[1]!, (a, b) => a + b)],
            "Sub" => [Combine(x, inputs[1]!, (a, b) => a - b)],
            "Mul" => [Combine(x, inputs[1]!, (a, b) => a * b)],
            "Div" => [Combine(x, inputs[1]!, (a, b) => a / b)],
            "Expand" => [Combine(x, DoubleTensor.Zeros(inputs[1]!.Indices()), (a, _) => a)],
            "MatMul" => [MatMul(x, inputs[1]!)],
            "Gemm" => [Gemm(node, inputs)],
            _ => LayoutEvaluation.Run(node, inputs),
        };
    }

    static int[] Axes(OnnxNode node, DoubleTensor?[] inputs, int rank) =>
        [.. (node.Attributes.GetInts("axes")?.Select(a => (int)a) ?? inputs[1]!.Indices()).Select(a => a < 0 ? a + rank : a)];

    static DoubleTensor Map(DoubleTensor x, Func<double, double> function) => new(x.Shape, [.. x.Values.Select(function)]);

    static DoubleTensor Combine(DoubleTensor a, DoubleTensor b, Func<double, double, double> function)
    {
        int rank = Math.Max(a.Rank, b.Rank);
        int[] shapeA = [.. Enumerable.Repeat(1, rank - a.Rank), .. a.Shape], shapeB = [.. Enumerable.Repeat(1, rank - b.Rank), .. b.Shape];
        DoubleTensor result = DoubleTensor.Zeros([.. shapeA.Zip(shapeB, Math.Max)]);
        int[] stridesA = (a with { Shape = shapeA }).Strides(), stridesB = (b with { Shape = shapeB }).Strides(),
            strides = result.Strides();
        for (int i = 0; i < result.Count; i++)
        {
            int atA = 0, atB = 0;
            for (int axis = 0; axis < rank; axis++)
            {
                int place = i / strides[axis] % result.Shape[axis];
                atA += shapeA[axis] == 1 ? 0 : place * stridesA[axis];
                atB += shapeB[axis] == 1 ? 0 : place * stridesB[axis];
            }
            result.Values[i] = function(a.Values[atA], b.Values[atB]);
        }
        return result;
    }

    static DoubleTensor Reduce(DoubleTensor x, int[] axes, bool keep, bool isMean)
    {
        DoubleTensor kept = DoubleTensor.Zeros([.. x.Shape.Select((d, i) => axes.Contains(i) ? 1 : d)]);
        int[] from = x.Strides(), to = kept.Strides();
        for (int i = 0; i < x.Count; i++)
        {
            int at = 0;
            for (int axis = 0; axis < x.Rank; axis++)
                at += axes.Contains(axis) ? 0 : i / from[axis] % x.Shape[axis] * to[axis];
            kept.Values[at] += x.Values[i];
        }
        DoubleTensor result = isMean ? Map(kept, v => v * kept.Count / x.Count) : kept;
        return keep ? result : result with { Shape = [.. x.Shape.Where((_, i) => !axes.Contains(i))] };
    }

    static DoubleTensor BatchNormalization(OnnxNode node, DoubleTensor?[] inputs)
    {
        DoubleTensor x = inputs[0]!, result = DoubleTensor.Zeros(x.Shape);
        double epsilon = node.Attributes.GetFloat("epsilon", 1e-5f);
        int channels = x.Shape[1], plane = DoubleTensor.Product(x.Shape.Skip(2));
        for (int i = 0; i < x.Count; i++)
        {
            int c = i / plane % channels;
            result.Values[i] = ((x.Values[i] - inputs[3]!.Values[c]) / Math.Sqrt(inputs[4]!.Values[c] + epsilon) * inputs[1]!.Values[c])
                + inputs[2]!.Values[c];
        }
        return result;
    }

    static DoubleTensor Gemm(OnnxNode node, DoubleTensor?[] inputs)
    {
        DoubleTensor a = inputs[0]!, b = inputs[1]!;
        if (node.Attributes.GetInt("transA", 0) != 0)
            a = LayoutEvaluation.Transpose(a, [1, 0]);
        if (node.Attributes.GetInt("transB", 0) != 0)
            b = LayoutEvaluation.Transpose(b, [1, 0]);
        DoubleTensor product = Map(MatMul(a, b), v => v * node.Attributes.GetFloat("alpha", 1));
        return inputs.ElementAtOrDefault(2) is { } c
            ? Combine(product, c, (p, v) => p + (node.Attributes.GetFloat("beta", 1) * v)) : product;
    }

    static DoubleTensor MatMul(DoubleTensor a, DoubleTensor b)
    {
        int[] left = a.Rank == 1 ? [1, a.Shape[0]] : a.Shape, right = b.Rank == 1 ? [b.Shape[0], 1] : b.Shape;
        int rows = left[^2], inner = left[^1], columns = right[^1];
        // A product of each pair of matrices: which pairs, the broadcast of their positions tells.
        DoubleTensor Positions(int[] shape) =>
            new([.. shape[..^2]], [.. Enumerable.Range(0, DoubleTensor.Product(shape[..^2])).Select(i => (double)i)]);
        DoubleTensor pairs = Combine(Positions(left), Positions(right), (x, y) => (x * 65536) + y);
        double[] values = new double[pairs.Count * rows * columns];
        for (int pair = 0; pair < pairs.Count; pair++)
        {
            int atA = (int)pairs.Values[pair] / 65536 * rows * inner, atB = (int)pairs.Values[pair] % 65536 * inner * columns;
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++)
                {
                    double sum = 0;
                    for (int k = 0; k < inner; k++)
                        sum += a.Values[atA + (i * inner) + k] * b.Values[atB + (k * columns) + j];
                    values[(((pair * rows) + i) * columns) + j] = sum;
                }
            }
        }
        List<int> shape = [.. pairs.Shape];
        if (a.Rank > 1)
            shape.Add(rows);
        if (b.Rank > 1)
            shape.Add(columns);
        return new DoubleTensor([.. shape], values);
    }
}
