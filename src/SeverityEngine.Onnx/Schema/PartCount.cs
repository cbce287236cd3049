namespace SeverityEngine.Onnx.Schema;

/// <summary>
/// Counts a file's fields before they are parsed. Two bytes of file can become an object of 180, so that without a limit a file of a few
/// megabytes could take all memory; a tensor's values, however many, are one field.
/// </summary>
static class PartCount
{
    /// <summary>The most fields of a file; a DenseNet-121 has some 7,500.</summary>
    public const int Limit = 2_000_000;

    enum Message { Other, Model, Graph, Function, Node, Attribute, Tensor, Value, Type, TensorType, Shape, Leaf }

    public static bool IsWithinLimit(ReadOnlySpan<byte> model)
    {
        int left = Limit;
        Count(model, Message.Model, ref left);
        return left >= 0;
    }

    /// <summary>Takes each field off what is left. Damage ends the count, and is for the parser to report.</summary>
    static void Count(ReadOnlySpan<byte> bytes, Message message, ref int left)
    {
        while (!bytes.IsEmpty && left >= 0 && TryReadVarint(ref bytes, out ulong tag))
        {
            left--;
            int length = 0;
            switch (tag & 7)
            {
                case 0 when TryReadVarint(ref bytes, out _):
                    continue;
                case 1:
                    length = 8;
                    break;
                case 2 when TryReadVarint(ref bytes, out ulong stated) && stated <= (ulong)bytes.Length:
                    length = (int)stated;
                    if (Child(message, tag >> 3) is var child and not Message.Other)
                        Count(bytes[..length], child, ref left);
                    break;
                case 3 or 4: // the two ends of a group, whose fields are counted as if they stood here
                    continue;
                case 5:
                    length = 4;
                    break;
                default:
                    return;
            }
            if (length > bytes.Length)
                return;
            bytes = bytes[length..];
        }
    }

    static Message Child(Message message, ulong field) => (message, field) switch
    {
        (Message.Model, 7) => Message.Graph,
        (Message.Model, 25) => Message.Function,
        (Message.Model, 8 or 14) or (Message.Function, 9) or (Message.Tensor, 13) or (Message.Shape, 1) => Message.Leaf,
        (Message.Graph, 1) or (Message.Function, 7) => Message.Node,
        (Message.Graph, 5) or (Message.Attribute, 5) => Message.Tensor,
        (Message.Graph, 11 or 12 or 13) => Message.Value,
        (Message.Node, 5) or (Message.Function, 11) => Message.Attribute,
        (Message.Value, 2) => Message.Type,
        (Message.Type, 1) => Message.TensorType,
        (Message.TensorType, 2) => Message.Shape,
        _ => Message.Other,
    };

    static bool TryReadVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (int i = 0; i < Math.Min(10, bytes.Length); i++)
        {
            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }
        return false;
    }
}
