using System.Globalization;
using System.Numerics.Tensors;
using SeverityEngine.Onnx;

namespace SeverityEngine.Models.Checkpoints.Networks;

/// <summary>A parameter that a network needs.</summary>
/// <param name="Name">Its name in the checkpoint.</param>
/// <param name="Shape">Its dimensions.</param>
sealed record ParameterShape(string Name, int[] Shape);

/// <summary>A checkpoint's tensors as a network's parameters: those it needs, in the shapes it needs, and no others.</summary>
static class Parameters
{
    const int Listed = 5;

    /// <summary>
    /// Refuses a checkpoint of another network, naming what is missing, what does not fit and what is too much, and one with values that
    /// are not finite.
    /// </summary>
    /// <param name="state">The checkpoint.</param>
    /// <param name="needed">The network's parameters.</param>
    /// <param name="ignored">Whether a name that the network does not need may be there.</param>
    /// <param name="network">What messages call the network.</param>
    public static void Check(
        IReadOnlyDictionary<string, CheckpointTensor> state, IReadOnlyList<ParameterShape> needed, Predicate<string> ignored,
        string network)
    {
        List<string> faults = [];
        List<string> missing = [.. needed.Where(p => !state.ContainsKey(p.Name)).Select(p => p.Name)];
        if (missing.Count > 0)
            faults.Add($"{Parameter(missing.Count)} missing: {List(missing)}");
        HashSet<string> names = [.. needed.Select(p => p.Name)];
        List<string> extra = [.. state.Keys.Where(n => !names.Contains(n) && !ignored(n))];
        if (extra.Count > 0)
            faults.Add($"{Parameter(extra.Count)} unknown: {List(extra)}");
        List<string> misshapen = [.. needed.Where(p => state.TryGetValue(p.Name, out CheckpointTensor? t) && !Fits(t, p))
            .Select(p => $"{p.Name} of {Text(state[p.Name].Shape)} instead of {Text(p.Shape)}")];
        if (misshapen.Count > 0)
            faults.Add($"{Parameter(misshapen.Count)} misshapen: {List(misshapen)}");
        if (faults.Count > 0)
            throw new SeverityException(
                SeverityError.CheckpointLayout, $"these are not the weights of {network}; {string.Join("; ", faults)}");
        foreach (ParameterShape parameter in needed)
            RequireFinite(state[parameter.Name], parameter.Name);
    }

    /// <summary>Refuses a parameter with a value that is no finite float32: no score would come of it.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="name">What the message calls it.</param>
    public static void RequireFinite(CheckpointTensor parameter, string name)
    {
        ReadOnlySpan<float> values = parameter.Values.Span;
        if (TensorPrimitives.IsFiniteAll(values))
            return;
        int at = 0;
        while (float.IsFinite(values[at]))
            at++;
        throw new SeverityException(SeverityError.CheckpointInvalid,
            string.Create(CultureInfo.InvariantCulture, $"{name} holds {values[at]} in place {at} of {values.Length}, which is no finite ")
            + "float32: its training diverged, or the file is damaged; use another checkpoint");
    }

    /// <summary>A parameter as a constant of a graph, multiplied by a factor.</summary>
    public static OnnxTensor Tensor(CheckpointTensor parameter, string name, float scale = 1)
    {
        long[] dimensions = [.. parameter.Shape.Select(d => (long)d)];
        if (scale == 1)
            return OnnxTensor.Create(name, dimensions, parameter.Values.Span);
        float[] scaled = parameter.Values.ToArray();
        foreach (ref float value in scaled.AsSpan())
            value *= scale;
        return OnnxTensor.Create<float>(name, dimensions, scaled);
    }

    public static string Text(IReadOnlyList<int> shape) => $"[{string.Join(", ", shape)}]";

    static bool Fits(CheckpointTensor tensor, ParameterShape needed) =>
        tensor.Shape.SequenceEqual(needed.Shape) && tensor.Values.Length == needed.Shape.Aggregate(1, (product, d) => product * d);

    static string Parameter(int count) => count == 1 ? "one parameter is" : $"{count} parameters are";

    static string List(List<string> names) =>
        names.Count <= Listed ? string.Join(", ", names) : $"{string.Join(", ", names.Take(Listed))} and {names.Count - Listed} more";
}
