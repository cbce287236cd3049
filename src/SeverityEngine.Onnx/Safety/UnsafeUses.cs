using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Safety;

/// <summary>Uses of operators that are harmless otherwise.</summary>
static class UnsafeUses
{
    public static void Refuse(OnnxNode node, OnnxGraph graph, IReadOnlyDictionary<string, OnnxValue> values)
    {
        if (node.Domain.Length > 0)
            return;
        if (node.Is("Div") && !IsFloat(node.Inputs[0]) && !IsHarmless(graph.Constant(node.Input(1))))
        {
            Fault.Untrusted($"{node} divides whole numbers by what is no constant, or by 0 or -1: "
                + "where that cannot be divided, the processor ends the process");
        }
        if (node.Is("Pad") && node.Attributes.GetText("mode") is not (null or "constant" or "edge")
            && !IsWithin(node, graph, values[node.Inputs[0]].Shape!))
        {
            Fault.Untrusted($"{node} pads by more than the image has to repeat, or by what cannot be told");
        }
        // An empty tensor comes to divisions by the number of its elements; Resize and others have empty lists of options.
        if (!node.Is("ConstantOfShape") && node.Input(0) is { } first && values[first].Shape is { } read && read.Any(d => d == 0))
            Fault.Untrusted($"{node} reads '{first}', which has no elements");

        bool IsFloat(string value) => ElementTypes.IsFloat(values[value].ElementType);
    }

    /// <summary>Division by zero traps, and so does that of the least number by -1, whose result has no place.</summary>
    static bool IsHarmless(OnnxTensor? divisor)
    {
        if (divisor is null || divisor.Count == 0)
            return false;
        return divisor.ElementType switch
        {
            OnnxElementType.Int32 or OnnxElementType.Int64 => divisor.ToIndices().All(d => d is not (0 or -1)),
            OnnxElementType.Int8 => !divisor.Values<sbyte>().ContainsAny((sbyte)0, (sbyte)-1),
            OnnxElementType.Int16 => !divisor.Values<short>().ContainsAny((short)0, (short)-1),
            OnnxElementType.UInt8 => !divisor.Values<byte>().Contains((byte)0),
            OnnxElementType.UInt16 => !divisor.Values<ushort>().Contains((ushort)0),
            OnnxElementType.UInt32 => !divisor.Values<uint>().Contains(0u),
            OnnxElementType.UInt64 => !divisor.Values<ulong>().Contains(0ul),
            _ => false,
        };
    }

    /// <summary>Whether each side is padded by less than its length.</summary>
    static bool IsWithin(OnnxNode node, OnnxGraph graph, OnnxShape shape)
    {
        long[]? pads = node.Attributes.GetInts("pads") ?? graph.Constant(node.Input(1))?.ToIndices();
        return pads is not null && node.Input(3) is null && pads.Length == 2 * shape.Rank
            && pads.Select((p, i) => p < shape[i % shape.Rank].Length).All(fits => fits);
    }
}
