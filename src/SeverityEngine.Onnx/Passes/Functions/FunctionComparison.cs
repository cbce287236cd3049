using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Passes.Functions;

/// <summary>
/// Compares functions by what they do: operators, attributes and the way of the values count; names and texts do not.
/// </summary>
static class FunctionComparison
{
    /// <summary>
    /// Whether two functions without attributes of their own are the same nodes in the same order. Two that differ may still compute the
    /// same.
    /// </summary>
    public static bool HaveOneMeaning(OnnxFunction a, OnnxFunction b)
    {
        if (a.Attributes.Count + b.Attributes.Count > 0 || a.Overload != b.Overload || a.Inputs.Count != b.Inputs.Count
            || a.Outputs.Count != b.Outputs.Count || a.Proto.Node.Count != b.Proto.Node.Count)
        {
            return false;
        }
        // What the values of one are called in the other; an input left out is so in both.
        Dictionary<string, string> names = new() { [""] = "" };
        for (int i = 0; i < a.Inputs.Count; i++)
            names[a.Inputs[i]] = b.Inputs[i];
        foreach ((NodeProto left, NodeProto right) in a.Proto.Node.Zip(b.Proto.Node))
        {
            OnnxNode x = new(left), y = new(right);
            if (x.OpType != y.OpType || x.Domain != y.Domain || x.Overload != y.Overload || x.Outputs.Count != y.Outputs.Count
                || !x.Inputs.Select(i => names.GetValueOrDefault(i)).SequenceEqual(y.Inputs)
                || !HaveSameAttributes(left, right))
            {
                return false;
            }
            for (int i = 0; i < x.Outputs.Count; i++)
                names[x.Outputs[i]] = y.Outputs[i];
        }
        return a.Outputs.Select(o => names.GetValueOrDefault(o)).SequenceEqual(b.Outputs);
    }

    static bool HaveSameAttributes(NodeProto left, NodeProto right) =>
        left.Attribute.Count == right.Attribute.Count
        && left.Attribute.All(a => right.Attribute.Any(b => WithoutText(a).Equals(WithoutText(b))));

    static AttributeProto WithoutText(AttributeProto attribute)
    {
        AttributeProto bare = attribute.Clone();
        bare.ClearDocString();
        return bare;
    }
}
