using SeverityEngine.Onnx.Passes.Layers;
using SeverityEngine.Onnx.Passes.Quantization;

namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Lets a DenseNet's blocks in 8 bits use the operator of <see cref="DenseClampOperator"/>: one node in place of a concatenation and the
/// bounds behind it, which writes new channels behind those that are there, so that they are not copied from layer to layer. At a block's
/// end an average pooling goes into it: <see cref="DensePoolOperator"/>. The model defines them for runtimes that do not have them. Results
/// stay as they are. <see cref="StandardOperators"/> is the way back.
/// </summary>
public static class DenseClamps
{
    /// <summary>Applies the pass.</summary>
    /// <returns>How many concatenations were rewritten.</returns>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: the model was not sound.</exception>
    public static int Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Opset() is not { } opset || !EngineFunctions.MayBeAddedTo(model) || !model.Graph.Nodes.Any(n => n.Is("Concat")))
            return 0;
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(model.Graph);
        List<ClampChain> chains = ClampChain.Find(model.Graph, values);
        if (chains.Count == 0)
            return 0;
        GraphBuilder builder = new(model);
        foreach (ClampChain chain in chains)
            Rewrite(builder, chain);
        model.Graph.SortTopologically();
        EngineFunctions.Add(model, EngineFunctions.DenseRoom(opset));
        EngineFunctions.Add(model, EngineFunctions.DenseClamp(opset));
        if (chains.Any(c => c.Pool is not null))
            EngineFunctions.Add(model, EngineFunctions.DensePool(opset));
        model.Graph.RemoveUnused();
        EngineFunctions.DeclareResults(model.Graph);
        return chains.Sum(c => c.Joins.Count);
    }

    /// <summary>
    /// Writes concatenations and bounds out as they were, in place of chains of the form that <see cref="Apply"/> gives them; what has
    /// another form, or is another operator in this model, stays.
    /// </summary>
    internal static void Undo(OnnxModel model)
    {
        OnnxGraph graph = model.Graph;
        if (!graph.Nodes.Any(WrittenClamps.IsOne) || !EngineFunctions.KeepMeaning(model))
            return;
        GraphBuilder builder = new(model);
        QuantizedConvolutions convolutions = new(builder);
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(graph);
        foreach (OnnxNode room in graph.Nodes.Where(ChannelsLast.IsRoom).ToArray())
        {
            if (WrittenClamps.Behind(room, graph, values) is not { } chain)
                continue;
            string x = room.Inputs[0];
            foreach (OnnxNode node in chain.Nodes)
            {
                x = builder.Concat([x, node.Inputs[1]], 3, graph.FreshName($"{node.NameOrOutput}.concat"));
                string result = Bounded(builder, node, x, chain.Width);
                if (WrittenClamps.IsPool(node))
                {
                    int channels = graph.Constant(node.Inputs[2])!.Count;
                    OnnxNode pool = convolutions.AddAverage(graph.FreshName($"{node.NameOrOutput}.average"), result, channels, [2, 2]);
                    pool.Attributes.Set("strides", [2, 2]);
                    result = pool.Outputs[0];
                }
                graph.Remove(node);
                graph.Producer(result)!.SetOutput(0, node.Outputs[^1]);
            }
            graph.Remove(room);
        }
        graph.SortTopologically();
        graph.RemoveUnused();
    }

    static void Rewrite(GraphBuilder builder, ClampChain chain)
    {
        OnnxGraph graph = builder.Graph;
        string x = ChannelsLast.MakeRoom(builder, chain.Input, chain.Added, $"{chain.Joins[0].Concat.NameOrOutput}.room");
        foreach (ClampedConcat join in chain.Joins)
        {
            string name = join.Concat.NameOrOutput;
            foreach (OnnxNode node in join.Bounds.Append(join.Concat))
                graph.Remove(node);
            string[] inputs = [x, join.Concat.Inputs[1], builder.Vector<byte>(graph.FreshName($"{name}.floor"), join.Floor),
                builder.Vector<byte>(graph.FreshName($"{name}.ceiling"), join.Ceiling)];
            if (join == chain.Joins[^1] && chain.Pool is { } pool)
            {
                graph.Remove(pool);
                graph.Add(new OnnxNode(DensePoolOperator.OpType, name, inputs, pool.Outputs, WinogradOperator.Domain));
                continue;
            }
            x = graph.FreshName($"{name}.grown");
            graph.Add(new OnnxNode(DenseClampOperator.OpType, name, inputs, [x, join.Output], WinogradOperator.Domain));
        }
    }

    static string Bounded(GraphBuilder builder, OnnxNode node, string x, int width)
    {
        OnnxGraph graph = builder.Graph;
        string name = node.NameOrOutput;
        ReadOnlySpan<byte> floor = graph.Constant(node.Inputs[2])!.Values<byte>(), ceiling = graph.Constant(node.Inputs[3])!.Values<byte>();
        bool isRaised = floor.ContainsAnyExcept(byte.MinValue), isLowered = ceiling.ContainsAnyExcept(byte.MaxValue);
        if (isRaised || !isLowered)
        {
            string row = ChannelBounds.Constant(builder, graph.FreshName($"{name}.floor"), floor, width);
            x = builder.Max(x, row, graph.FreshName($"{name}.max"));
        }
        if (isLowered)
        {
            string row = ChannelBounds.Constant(builder, graph.FreshName($"{name}.ceiling"), ceiling, width);
            x = builder.Min(x, row, graph.FreshName($"{name}.min"));
        }
        return x;
    }
}
