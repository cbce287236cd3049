using SeverityEngine.Onnx.Graphs;

namespace SeverityEngine.Onnx.Passes.Identities;

/// <summary>Transposes in a row of which the second undoes the first.</summary>
static class TransposePairs
{
    /// <returns>How many there were.</returns>
    public static int Remove(OnnxGraph graph)
    {
        ValueNames names = new(graph);
        int removed = 0;
        foreach (OnnxNode second in TopologicalOrder.Of(graph).Where(IsTranspose))
        {
            if (graph.Producer(names.Of(second.Inputs[0])) is { } first && IsTranspose(first) && Cancel(first, second)
                && names.TryDrop(second, second.Outputs[0], first.Inputs[0]))
            {
                removed++;
            }
        }
        if (removed > 0)
            names.Apply();
        return removed;

        static bool IsTranspose(OnnxNode node) => node.Is("Transpose") && node.Inputs is [{ Length: > 0 }] && node.Outputs is [{ Length: > 0 }];
    }

    static bool Cancel(OnnxNode first, OnnxNode second)
    {
        long[]? before = first.Attributes.GetInts("perm"), after = second.Attributes.GetInts("perm");
        if (before is null && after is null)
            return true; // each turns the axes round
        int rank = (before ?? after)!.Length;
        before ??= Reversed(rank);
        after ??= Reversed(rank);
        return before.Length == after.Length && Enumerable.Range(0, rank).All(i => after[i] >= 0 && after[i] < rank && before[after[i]] == i);
    }

    static long[] Reversed(int rank) => [.. Enumerable.Range(0, rank).Reverse().Select(i => (long)i)];
}
