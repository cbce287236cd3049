using SeverityEngine.Onnx.Passes.Layers;

namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Lets chains of a DenseNet's layers use the operator of <see cref="DenseLayerOperator"/>: one node a layer in place of six, which writes
/// its channels behind those it reads, so that nothing is concatenated and no layout changes within a block. The model defines it for
/// runtimes that do not have it. Results stay to rounding. <see cref="StandardOperators"/> is the way back.
/// </summary>
public static class DenseLayers
{
    /// <summary>Applies the pass.</summary>
    /// <returns>How many layers were rewritten.</returns>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: the model was not sound.</exception>
    public static int Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Opset() is not { } opset || !EngineFunctions.MayBeAddedTo(model))
            return 0;
        List<DenseChain> chains = DenseChain.Find(model.Graph);
        if (chains.Count == 0)
            return 0;
        GraphBuilder builder = new(model);
        foreach (DenseChain chain in chains)
            Rewrite(builder, chain);
        model.Graph.SortTopologically();
        EngineFunctions.Add(model, EngineFunctions.DenseRoom(opset));
        EngineFunctions.Add(model, EngineFunctions.DenseLayer(opset));
        model.Graph.RemoveUnused();
        EngineFunctions.DeclareResults(model.Graph);
        return chains.Sum(c => c.Layers.Count);
    }

    /// <summary>
    /// Writes layers out as they were, in place of chains of the form that <see cref="Apply"/> gives them; what has another form, or is
    /// another operator in this model, stays.
    /// </summary>
    internal static void Undo(OnnxModel model)
    {
        if (!EngineFunctions.KeepMeaning(model))
            return;
        OnnxGraph graph = model.Graph;
        GraphBuilder builder = new(model);
        bool isChanged = false;
        foreach (OnnxNode room in graph.Nodes.Where(ChannelsLast.IsRoom).ToArray())
        {
            if (WrittenChain.Behind(room, graph) is not { } chain)
                continue;
            isChanged = true;
            string x = chain.Input;
            foreach (OnnxNode layer in chain.Layers)
                x = WriteOut(builder, layer, x);
            foreach (OnnxNode node in chain.Layers.Append(room).Append(chain.Last))
                graph.Remove(node);
            string made = chain.Last.Outputs[0];
            graph.Producer(x)!.SetOutput(0, made);
            if (graph.TryGetOnlyConsumer(made, out OnnxNode? next) && IsMap(next, graph))
                BecomeNormalization(builder, next);
        }
        if (!isChanged)
            return;
        graph.SortTopologically();
        graph.RemoveUnused();
    }

    static void Rewrite(GraphBuilder builder, DenseChain chain)
    {
        OnnxGraph graph = builder.Graph;
        string name = chain.Layers[0].Concat.NameOrOutput;
        string x = builder.Transpose(chain.Input, ChannelsLast.From, graph.FreshName($"{name}.nhwc"));
        x = ChannelsLast.MakeRoom(builder, x, chain.Added, $"{name}.room");
        foreach (DenseLayer layer in chain.Layers)
        {
            string made = graph.FreshName($"{layer.Concat.NameOrOutput}.layer");
            string bias = layer.First.Input(2) ?? builder.Vector<float>(graph.FreshName($"{made}.bias"), new float[layer.Middle]);
            graph.Add(new OnnxNode(DenseLayerOperator.OpType, made,
                [x, builder.Vector(graph.FreshName($"{made}.scale"), Singles(layer.Map.Factor)),
                    builder.Vector(graph.FreshName($"{made}.shift"), Singles(layer.Map.Shift)), layer.First.Inputs[1], bias,
                    layer.Second.Inputs[1]],
                [made], WinogradOperator.Domain));
            foreach (OnnxNode node in layer.Nodes)
                graph.Remove(node);
            x = made;
        }
        graph.Add(ChannelsLast.Transpose(graph.FreshName($"{name}.nchw"), x, chain.Output, ChannelsLast.To));
        if (graph.TryGetOnlyConsumer(chain.Output, out OnnxNode? next) && next.Is("BatchNormalization")
            && ChannelMap.OfNormalization(next, graph) is { } map)
        {
            BecomeConvolution(builder, next, map);
        }
    }

    /// <summary>
    /// A normalization of what a chain made becomes a convolution of each channel by itself: ONNX Runtime reads either layout into a
    /// convolution, and normalizes a transposed image slowly.
    /// </summary>
    static void BecomeConvolution(GraphBuilder builder, OnnxNode norm, ChannelMap map)
    {
        OnnxGraph graph = builder.Graph;
        string name = norm.NameOrOutput;
        OnnxNode convolution = new("Conv", norm.Name, [norm.Inputs[0],
            builder.Constant<float>(graph.FreshName($"{name}.scale"), [map.Count, 1, 1, 1], Singles(map.Factor)),
            builder.Vector(graph.FreshName($"{name}.shift"), Singles(map.Shift))], [norm.Outputs[0]]);
        convolution.Attributes.Set("group", map.Count);
        graph.Remove(norm);
        graph.Add(convolution);
    }

    static bool IsMap(OnnxNode node, OnnxGraph graph) =>
        node.IsPointwiseConv(graph) && graph.Constant(node.Inputs[1]) is { Dimensions: [var channels, 1, 1, 1] }
        && node.Attributes.GetInt("group", 1) == channels && graph.Constant(node.Input(2)) is not null;

    static void BecomeNormalization(GraphBuilder builder, OnnxNode convolution)
    {
        OnnxGraph graph = builder.Graph;
        string scale = builder.Vector(graph.FreshName(convolution.Inputs[1]), graph.Constant(convolution.Inputs[1])!.Values<float>());
        graph.Remove(convolution);
        graph.Add(Normalization(graph, convolution.Name, convolution.Inputs[0], scale, convolution.Inputs[2], convolution.Outputs[0]));
    }

    /// <summary>A normalization that only multiplies by a factor and adds.</summary>
    static OnnxNode Normalization(OnnxGraph graph, string name, string input, string scale, string shift, string output)
    {
        int channels = graph.Constant(scale)!.Count;
        string mean = graph.SetInitializer(OnnxTensor.Vector(graph.FreshName($"{output}.mean"), new float[channels]));
        float[] ones = [.. Enumerable.Repeat(1f, channels)];
        string variance = graph.SetInitializer(OnnxTensor.Vector(graph.FreshName($"{output}.variance"), ones));
        OnnxNode norm = new("BatchNormalization", name, [input, scale, shift, mean, variance], [output]);
        norm.Attributes.Set("epsilon", 0f);
        return norm;
    }

    /// <summary>One layer in standard operators.</summary>
    /// <returns>The concatenation.</returns>
    static string WriteOut(GraphBuilder builder, OnnxNode layer, string x)
    {
        string name = layer.NameOrOutput;
        OnnxGraph graph = builder.Graph;
        string norm = graph.FreshName($"{name}.norm");
        graph.Add(Normalization(graph, norm, x, layer.Inputs[1], layer.Inputs[2], norm));
        string y = builder.Relu(norm, graph.FreshName($"{name}.relu1"));
        y = builder.Conv(y, layer.Inputs[3], layer.Inputs[4], name: graph.FreshName($"{name}.conv1"));
        y = builder.Relu(y, graph.FreshName($"{name}.relu2"));
        y = builder.Conv(y, layer.Inputs[5], pads: [1, 1, 1, 1], name: graph.FreshName($"{name}.conv2"));
        return builder.Concat([x, y], 1, graph.FreshName($"{name}.concat"));
    }

    static float[] Singles(double[] numbers) => [.. numbers.Select(n => (float)n)];
}
