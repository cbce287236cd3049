using SeverityEngine.Onnx.Passes.Layers;

namespace SeverityEngine.Onnx.Passes;

/// <summary>
/// Lets a DenseNet's blocks in 8 bits use the operator of <see cref="DenseClampOperator"/>: one node in place of a concatenation and the
/// bounds behind it, which writes new channels behind those that are there, so that they are not copied from layer to layer. The model
/// defines it for runtimes that do not have it. Results stay as they are. <see cref="StandardOperators"/> is the way back.
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
        // A runtime infers the shape of the first result alone, and gives memory ahead to what it knows the size of.
        string[] declared = [.. model.Graph.DeclaredValues.Select(v => v.Name)];
        foreach (string clamped in chains.SelectMany(c => c.Joins).Select(j => j.Output).Except(declared))
            model.Graph.Declare(values[clamped]);
        model.Graph.SortTopologically();
        EngineFunctions.Add(model, EngineFunctions.DenseClamp(opset));
        model.Graph.RemoveUnused();
        return chains.Sum(c => c.Joins.Count);
    }

    /// <summary>
    /// Writes concatenations and bounds out as they were, in place of chains of the form that <see cref="Apply"/> gives them; what has
    /// another form, or is another operator in this model, stays.
    /// </summary>
    internal static void Undo(OnnxModel model)
    {
        OnnxGraph graph = model.Graph;
        OnnxNode[] rooms = [.. graph.Nodes.Where(n => n.Is("Pad"))];
        if (!graph.Nodes.Any(WrittenClamps.IsOne) || rooms.Length == 0 || !EngineFunctions.KeepMeaning(model))
            return;
        GraphBuilder builder = new(model);
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(graph);
        foreach (OnnxNode room in rooms)
        {
            if (WrittenClamps.Behind(room, graph, values) is not { } chain)
                continue;
            string x = room.Inputs[0];
            foreach (OnnxNode node in chain.Nodes)
            {
                x = builder.Concat([x, node.Inputs[1]], 3, graph.FreshName($"{node.NameOrOutput}.concat"));
                string bounded = Bounded(builder, node, x, chain.Width);
                graph.Remove(node);
                graph.Producer(bounded)!.SetOutput(0, node.Outputs[1]);
            }
            graph.Remove(room);
        }
        graph.SortTopologically();
        graph.RemoveUnused();
    }

    static void Rewrite(GraphBuilder builder, ClampChain chain)
    {
        OnnxGraph graph = builder.Graph;
        string x = builder.Pad(
            chain.Input, [0, 0, 0, 0, 0, 0, 0, chain.Added], graph.FreshName($"{chain.Joins[0].Concat.NameOrOutput}.room"));
        foreach (ClampedConcat join in chain.Joins)
        {
            string name = join.Concat.NameOrOutput;
            foreach (OnnxNode node in join.Bounds.Append(join.Concat))
                graph.Remove(node);
            string made = graph.FreshName($"{name}.grown");
            graph.Add(new OnnxNode(DenseClampOperator.OpType, name,
                [x, join.Concat.Inputs[1], builder.Vector<byte>(graph.FreshName($"{name}.floor"), join.Floor),
                    builder.Vector<byte>(graph.FreshName($"{name}.ceiling"), join.Ceiling)],
                [made, join.Output], WinogradOperator.Domain));
            x = made;
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
