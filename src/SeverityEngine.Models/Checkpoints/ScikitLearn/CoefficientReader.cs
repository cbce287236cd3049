using SeverityEngine.Models.Checkpoints.Pickle;

namespace SeverityEngine.Models.Checkpoints.ScikitLearn;

/// <summary>The layers of a perceptron from the lists of its coefficients and intercepts.</summary>
sealed class CoefficientReader(ReadContext context)
{
    const string Remedy = "pickle (model.coefs_, model.intercepts_)";

    readonly NumpyArrays _arrays = new(context);

    public IReadOnlyList<MlpLayer> Read(object? root)
    {
        ReadOnlySpan<object?> pair = Items(root);
        if (pair.Length != 2)
            throw context.Layout("is no pair of coefficients and intercepts", Remedy);
        ReadOnlySpan<object?> coefficients = Items(pair[0]);
        ReadOnlySpan<object?> intercepts = Items(pair[1]);
        if (coefficients.Length == 0 || coefficients.Length != intercepts.Length)
            throw context.Layout($"has {coefficients.Length} arrays of coefficients and {intercepts.Length} of intercepts", Remedy);
        List<MlpLayer> layers = [];
        for (int i = 0; i < coefficients.Length; i++)
        {
            CheckpointTensor weight = _arrays.Read($"coefficients.{i}", coefficients[i]);
            CheckpointTensor bias = _arrays.Read($"intercepts.{i}", intercepts[i]);
            if (weight.Shape.Count != 2 || bias.Shape.Count != 1 || bias.Shape[0] != weight.Shape[1])
                throw context.Layout($"has shapes in layer {i} that do not fit: {Show(weight)} and {Show(bias)}", Remedy);
            if (i > 0 && layers[i - 1].Bias.Shape[0] != weight.Shape[0])
                throw context.Layout($"has a layer {i} of shape {Show(weight)} after {layers[i - 1].Bias.Shape[0]} outputs", Remedy);
            context.Charge(2 * ReadContext.NodeCost);
            layers.Add(new MlpLayer(weight, bias));
        }
        return layers;
    }

    ReadOnlySpan<object?> Items(object? value) => value switch
    {
        PickleList list => list.Items,
        PickleTuple tuple => tuple.Items,
        _ => throw context.Layout("is no pair of lists of arrays", Remedy),
    };

    static string Show(CheckpointTensor tensor) => $"[{string.Join(", ", tensor.Shape)}]";
}
