using SeverityEngine.Onnx.Passes.Quantization;

namespace SeverityEngine.Onnx.Passes.Layers;

/// <summary>A concatenation of two values <c>[N, H, W, C]</c> in 8 bits, and the bounds of each channel behind it.</summary>
/// <param name="Concat">The concatenation.</param>
/// <param name="Bounds">The nodes behind it.</param>
/// <param name="Floor">The least that each channel may be.</param>
/// <param name="Ceiling">The most.</param>
/// <param name="Output">What the last of the bounds makes.</param>
sealed record ClampedConcat(OnnxNode Concat, OnnxNode[] Bounds, byte[] Floor, byte[] Ceiling, string Output)
{
    /// <summary>The concatenation with its bounds; null where others read it too, but for the next of the known ones.</summary>
    public static ClampedConcat? Of(OnnxNode concat, OnnxGraph graph, IReadOnlyDictionary<string, ClampedConcat> byInput)
    {
        string joined = concat.Outputs[0];
        if (!concat.Is("Concat") || concat.Inputs.Count != 2 || concat.Attributes.GetInt("axis", 0) is not (3 or -1)
            || graph.IsOutput(joined))
        {
            return null;
        }
        OnnxNode? bound = null;
        foreach (OnnxNode reader in graph.Consumers(joined))
        {
            if (byInput.TryGetValue(joined, out ClampedConcat? next) && next.Concat == reader && reader.Inputs[1] != joined)
                continue;
            if (bound is not null || ChannelBounds.Of(reader, graph) is null)
                return null;
            bound = reader;
        }
        if (bound is null || bound.Inputs[0] != joined)
            return null;
        byte[] bytes = ChannelBounds.Of(bound, graph)!;
        if (bound.Is("Min"))
            return new ClampedConcat(concat, [bound], new byte[bytes.Length], bytes, bound.Outputs[0]);
        if (graph.TryGetOnlyConsumer(bound.Outputs[0], out OnnxNode? second) && second.Is("Min")
            && ChannelBounds.Of(second, graph) is { } most && most.Length == bytes.Length && second.Inputs[0] == bound.Outputs[0])
        {
            return new ClampedConcat(concat, [bound, second], bytes, most, second.Outputs[0]);
        }
        byte[] any = new byte[bytes.Length];
        any.AsSpan().Fill(byte.MaxValue);
        return new ClampedConcat(concat, [bound], bytes, any, bound.Outputs[0]);
    }
}

/// <summary>Concatenations of which each begins with what the one before made, and nothing but it and its bounds reads that.</summary>
/// <param name="Input">What the first begins with.</param>
/// <param name="Joins">The concatenations.</param>
/// <param name="Added">Channels that they add.</param>
/// <param name="Pool">The average of every 2 x 2 pixels behind the last one's bounds, where nothing else reads those.</param>
sealed record ClampChain(string Input, IReadOnlyList<ClampedConcat> Joins, long Added, OnnxNode? Pool)
{
    /// <summary>Concatenations that repay what the room for their channels costs.</summary>
    const int Fewest = 2;

    public static List<ClampChain> Find(OnnxGraph graph, IReadOnlyDictionary<string, OnnxValue> values)
    {
        List<ClampChain> found = [];
        Dictionary<string, ClampedConcat> byInput = [];
        // From the last: whether one can be taken depends on the one behind it.
        foreach (OnnxNode node in graph.Nodes.Reverse())
        {
            if (values.GetValueOrDefault(node.Outputs[0]) is
                { ElementType: OnnxElementType.UInt8, Shape: [_, _, _, { IsFixed: true } all] shape }
                && ClampedConcat.Of(node, graph, byInput) is { } join && join.Floor.Length == all.Length
                && shape.Equals(values.GetValueOrDefault(join.Output)?.Shape))
            {
                byInput.TryAdd(node.Inputs[0], join);
            }
        }
        HashSet<string> made = [.. byInput.Values.Select(j => j.Concat.Outputs[0])];
        foreach (string input in byInput.Keys.Where(i => !made.Contains(i)))
        {
            List<ClampedConcat> joins = [byInput[input]];
            while (byInput.TryGetValue(joins[^1].Concat.Outputs[0], out ClampedConcat? next))
                joins.Add(next);
            if (joins.Count < Fewest || values[input].Shape is not [_, { IsFixed: true }, { IsFixed: true }, { IsFixed: true } channels])
                continue;
            bool isPooled = graph.TryGetOnlyConsumer(joins[^1].Output, out OnnxNode? reader)
                && QuantizedConvolutions.IsAverageOfFour(reader, graph);
            found.Add(new ClampChain(input, joins, joins[^1].Floor.Length - channels.Length, isPooled ? reader : null));
        }
        return found;
    }
}

/// <summary>A chain of <see cref="DenseClampOperator"/>s as <see cref="DenseClamps"/> writes it.</summary>
/// <param name="Nodes">The operators, of which the last may be a <see cref="DensePoolOperator"/>.</param>
/// <param name="Width">Pixels of a row.</param>
sealed record WrittenClamps(IReadOnlyList<OnnxNode> Nodes, int Width)
{
    public static bool IsOne(OnnxNode node) => IsPool(node)
        || node is { OpType: DenseClampOperator.OpType, Domain: WinogradOperator.Domain, Inputs.Count: 4, Outputs: [_, { Length: > 0 }] };

    public static bool IsPool(OnnxNode node) =>
        node is { OpType: DensePoolOperator.OpType, Domain: WinogradOperator.Domain, Inputs.Count: 4, Outputs: [_] };

    /// <summary>The chain for whose channels a node makes room; null where it is of another form.</summary>
    public static WrittenClamps? Behind(OnnxNode room, OnnxGraph graph, IReadOnlyDictionary<string, OnnxValue> values)
    {
        if (ChannelsLast.RoomOf(room, graph) is not { } added
            || values.GetValueOrDefault(room.Inputs[0])?.Shape is not [_, _, { IsFixed: true } width, { IsFixed: true } channels])
        {
            return null;
        }
        List<OnnxNode> nodes = [];
        long filled = channels.Length;
        OnnxNode node = room;
        while (!IsPool(node) && graph.TryGetOnlyConsumer(node.Outputs[0], out OnnxNode? next))
        {
            if (!IsOne(next) || next.Inputs[0] != node.Outputs[0] || graph.Constant(next.Inputs[2]) is not { } floor
                || graph.Constant(next.Inputs[3]) is null
                || values.GetValueOrDefault(next.Inputs[1])?.Shape is not [_, _, _, { IsFixed: true } more]
                || floor.Count != filled + more.Length)
            {
                return null;
            }
            nodes.Add(node = next);
            filled += more.Length;
        }
        bool isEnded = IsPool(node) || (graph.Consumers(node.Outputs[0]).Count == 0 && !graph.IsOutput(node.Outputs[0]));
        return nodes.Count > 0 && filled == channels.Length + added && isEnded
            ? new WrittenClamps(nodes, checked((int)width.Length)) : null;
    }
}

/// <summary>Bounds of a uint8 value's channels, <c>[N, H, W, C]</c>.</summary>
static class ChannelBounds
{
    /// <summary>
    /// One bound a channel as a constant <c>[width, C]</c>, said again for each pixel of a row: the runtime calls its loop once for each
    /// repetition of a constant, and a row of the image is work enough for a call where one pixel's channels are not.
    /// </summary>
    public static string Constant(GraphBuilder builder, string name, ReadOnlySpan<byte> bounds, int width)
    {
        byte[] row = new byte[width * bounds.Length];
        for (int pixel = 0; pixel < width; pixel++)
            bounds.CopyTo(row.AsSpan(pixel * bounds.Length));
        return builder.Constant<byte>(name, [width, bounds.Length], row);
    }

    /// <summary>The bounds, one a channel, of a Max or Min; null where it is neither, or pixels differ in them.</summary>
    public static byte[]? Of(OnnxNode node, OnnxGraph graph)
    {
        if (!(node.Is("Max") || node.Is("Min")) || node.Inputs.Count != 2
            || graph.Constant(node.Inputs[1]) is not
            { ElementType: OnnxElementType.UInt8, Dimensions: [.., > 0 and var channels] } constant)
        {
            return null;
        }
        ReadOnlySpan<byte> bytes = constant.Values<byte>(), first = bytes[..(int)channels];
        for (int at = first.Length; at < bytes.Length; at += first.Length)
        {
            if (!bytes.Slice(at, first.Length).SequenceEqual(first))
                return null;
        }
        return first.ToArray();
    }
}
