namespace SeverityEngine.Onnx.Passes.Layers;

/// <summary>
/// A DenseNet's layer in standard operators: normalization, Relu, 1 x 1 convolution, Relu, 3 x 3 convolution, and the concatenation of what
/// was read and what was made.
/// </summary>
sealed record DenseLayer(ChannelMap Map, OnnxNode First, OnnxNode Second, OnnxNode Concat, OnnxNode[] Nodes, int Middle, int Made)
{
    /// <summary>Channels that the operator works on at once.</summary>
    const int Block = 16;

    /// <summary>The layer that ends in a concatenation; null where it ends none.</summary>
    public static DenseLayer? EndingIn(OnnxNode concat, OnnxGraph graph)
    {
        if (!concat.Is("Concat") || concat.Inputs is not [{ } read, { } made] || concat.Attributes.GetInt("axis", 0) is not (1 or -3)
            || Before(made, graph) is not { } second || !second.HasKernel(graph, 3) || !IsPlain(second, [1, 1, 1, 1])
            || second.Input(2) is not null
            || Before(second.Inputs[0], graph) is not { } relu2 || !relu2.Is("Relu")
            || Before(relu2.Inputs[0], graph) is not { } first || !first.HasKernel(graph, 1) || !IsPlain(first, [0, 0, 0, 0])
            || (first.Input(2) is { } bias && graph.Constant(bias) is null)
            || Before(first.Inputs[0], graph) is not { } relu1 || !relu1.Is("Relu")
            || Before(relu1.Inputs[0], graph) is not { } norm || !norm.Is("BatchNormalization") || norm.Inputs[0] != read
            || ChannelMap.OfNormalization(norm, graph) is not { } map)
        {
            return null;
        }
        IReadOnlyList<long> firstShape = graph.WeightShape(first.Inputs[1])!, secondShape = graph.WeightShape(second.Inputs[1])!;
        (long middle, long more) = (firstShape[0], secondShape[0]);
        return firstShape[1] == map.Count && secondShape[1] == middle && middle > 0 && more > 0
            && map.Count % Block == 0 && middle % Block == 0 && more % Block == 0
            ? new DenseLayer(map, first, second, concat, [norm, relu1, first, relu2, second, concat], (int)middle, (int)more) : null;
    }

    /// <summary>The maker of a value that is read once.</summary>
    static OnnxNode? Before(string value, OnnxGraph graph) => graph.TryGetOnlyConsumer(value, out _) ? graph.Producer(value) : null;

    static bool IsPlain(OnnxNode convolution, long[] pads) =>
        convolution.Attributes.GetInt("group", 1) == 1 && convolution.HasOnly("strides", 1) && convolution.HasOnly("dilations", 1)
        && convolution.IsExplicit() && (convolution.Attributes.GetInts("pads") ?? [0, 0, 0, 0]).AsSpan().SequenceEqual(pads);
}

/// <summary>Layers of which each reads what the one before it made, and nothing else does.</summary>
sealed record DenseChain(string Input, IReadOnlyList<DenseLayer> Layers)
{
    /// <summary>Layers that repay what the change of the layout and the room for their channels cost.</summary>
    const int FewestLayers = 2;

    /// <summary>What the last layer made.</summary>
    public string Output => Layers[^1].Concat.Outputs[0];

    /// <summary>Channels that the layers add.</summary>
    public long Added => Layers.Sum(l => l.Made);

    public static List<DenseChain> Find(OnnxGraph graph)
    {
        List<DenseChain> found = [];
        Dictionary<string, DenseLayer> byInput = [];
        foreach (OnnxNode node in graph.Nodes)
        {
            if (DenseLayer.EndingIn(node, graph) is { } layer)
                byInput.TryAdd(node.Inputs[0], layer);
        }
        if (byInput.Count == 0)
            return found;
        HashSet<string> made = [.. byInput.Values.Where(l => IsLink(l.Concat.Outputs[0], graph)).Select(l => l.Concat.Outputs[0])];
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(graph);
        foreach (string input in byInput.Keys.Where(i => !made.Contains(i)))
        {
            List<DenseLayer> layers = [byInput[input]];
            while (made.Contains(layers[^1].Concat.Outputs[0]) && byInput.TryGetValue(layers[^1].Concat.Outputs[0], out DenseLayer? next))
                layers.Add(next);
            if (layers.Count >= FewestLayers
                && values.GetValueOrDefault(input)?.Shape is [_, { IsFixed: true } channels, { IsFixed: true }, { IsFixed: true }]
                && channels.Length == layers[0].Map.Count)
            {
                found.Add(new DenseChain(input, layers));
            }
        }
        return found;
    }

    /// <summary>Whether a value is read by one layer alone: its normalization and its concatenation.</summary>
    static bool IsLink(string value, OnnxGraph graph) =>
        !graph.IsOutput(value) && graph.Consumers(value) is [var a, var b]
        && (a.Is("BatchNormalization") || b.Is("BatchNormalization")) && (a.Is("Concat") || b.Is("Concat"));
}

/// <summary>A chain of <see cref="DenseLayerOperator"/>s as <see cref="DenseLayers"/> writes it.</summary>
/// <param name="Input">What it reads, channels first.</param>
/// <param name="Layers">The layers.</param>
/// <param name="Last">The transpose behind the last.</param>
sealed record WrittenChain(string Input, IReadOnlyList<OnnxNode> Layers, OnnxNode Last)
{
    /// <summary>The chain for whose channels a node makes room; null where it is of another form.</summary>
    public static WrittenChain? Behind(OnnxNode room, OnnxGraph graph)
    {
        if (graph.Producer(room.Inputs[0]) is not { } first || !ChannelsLast.IsTranspose(first, ChannelsLast.From)
            || ChannelsLast.RoomOf(room, graph) is not { } added)
        {
            return null;
        }
        List<OnnxNode> layers = [];
        long left = added;
        OnnxNode node = room;
        while (graph.TryGetOnlyConsumer(node.Outputs[0], out OnnxNode? next))
        {
            if (left == 0)
                return layers.Count > 0 && ChannelsLast.IsTranspose(next, ChannelsLast.To) ? new(first.Inputs[0], layers, next) : null;
            if (next.OpType != DenseLayerOperator.OpType || next.Domain != WinogradOperator.Domain || next.Inputs.Count != 6
                || next.Inputs[0] != node.Outputs[0] || next.Inputs.Skip(1).Any(i => graph.WeightShape(i) is null)
                || (layers.Count > 0 && Read(next, graph) != Read(layers[^1], graph) + Made(layers[^1], graph)))
            {
                return null;
            }
            layers.Add(node = next);
            left -= Made(next, graph);
        }
        return null;
    }

    static long Read(OnnxNode layer, OnnxGraph graph) => graph.WeightShape(layer.Inputs[1])![0];

    static long Made(OnnxNode layer, OnnxGraph graph) => graph.WeightShape(layer.Inputs[5])![0];
}

/// <summary>The layout of the engine's operators, <c>[N, H, W, C]</c>.</summary>
static class ChannelsLast
{
    /// <summary>The order of axes that makes it from <c>[N, C, H, W]</c>.</summary>
    public static readonly long[] From = [0, 2, 3, 1];

    /// <summary>The way back.</summary>
    public static readonly long[] To = [0, 3, 1, 2];

    public static OnnxNode Transpose(string name, string input, string output, long[] order)
    {
        OnnxNode node = new("Transpose", name, [input], [output]);
        node.Attributes.Set("perm", order);
        return node;
    }

    /// <summary>Makes room for channels behind those there are.</summary>
    public static string MakeRoom(GraphBuilder builder, string input, long added, string name) =>
        builder.Node(DenseRoomOperator.OpType, [input, builder.Vector($"{name}.channels", added)], name, WinogradOperator.Domain)
            .Outputs[0];

    /// <summary>Whether a node may make room for channels. Models made before the operator was there have a Pad in its place.</summary>
    public static bool IsRoom(OnnxNode node) => node is { Inputs.Count: 2, Outputs.Count: 1 }
        && (node.Is("Pad") || node is { OpType: DenseRoomOperator.OpType, Domain: WinogradOperator.Domain });

    /// <summary>How many channels such a node makes room for behind those there are; null where that is not what it does.</summary>
    public static long? RoomOf(OnnxNode room, OnnxGraph graph)
    {
        if (graph.Constant(room.Inputs[1]) is not { ElementType: OnnxElementType.Int64 } constant)
            return null;
        ReadOnlySpan<long> numbers = constant.Values<long>();
        if (!room.Is("Pad"))
            return numbers is [> 0 and var channels] ? channels : null;
        return room.Attributes.GetText("mode") is null or "constant" && numbers is [0, 0, 0, 0, 0, 0, 0, > 0 and var pad] ? pad : null;
    }

    public static bool IsTranspose(OnnxNode node, long[] order) =>
        node.Is("Transpose") && (node.Attributes.GetInts("perm") ?? []).AsSpan().SequenceEqual(order);
}
