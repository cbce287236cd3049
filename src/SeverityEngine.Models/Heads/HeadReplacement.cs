using SeverityEngine.Inference;
using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Onnx;

namespace SeverityEngine.Models.Heads;

/// <summary>Puts another head onto the network of a model that keeps the contract.</summary>
public static class HeadReplacement
{
    /// <summary>
    /// A model of the same network, whose scores the head makes of the features or logits. What the old head alone needed is gone, and so
    /// are the intervals, which held for its scores; everything else stays.
    /// </summary>
    /// <param name="file">The model.</param>
    /// <param name="head">What makes the two scores.</param>
    /// <param name="name">What the new model calls itself.</param>
    /// <param name="trust">Whether the model may be code.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelContract"/>, <see cref="SeverityError.ModelInvalid"/>, <see cref="SeverityError.ModelUntrusted"/>: the
    /// model cannot be used; <see cref="SeverityError.ModelUnsupported"/>: it lacks what the head reads;
    /// <see cref="SeverityError.CheckpointLayout"/>: the head does not fit it.
    /// </exception>
    public static OnnxModel Apply(ModelFile file, SeverityHead head, string name, bool trust = false)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(head);
        OnnxModel model = file.ToGraph(mustBeData: !trust);
        NetworkOutputs network = Outputs(DerivedModel.Check(model, file.Source), head, file.Source);
        return OnnxFaults.Translate(file.Source, () =>
        {
            OnnxModel made = Replace(model, head, network);
            DerivedModel.Name(made, file, name);
            return made;
        });
    }

    static NetworkOutputs Outputs(ModelInfo model, SeverityHead head, string source)
    {
        bool hasLogits = model.Labels.Count > 0, hasFeatures = model.FeatureCount > 0;
        if (head.ReadsLogits ? !hasLogits : !hasFeatures)
        {
            string lack = head.ReadsLogits ? ModelContract.LogitsOutput : ModelContract.FeaturesOutput;
            string has = (hasLogits, hasFeatures) switch
            {
                (true, _) => $"use a head on its {model.Labels.Count} {ModelContract.LogitsOutput}",
                (_, true) => $"use a head on its {model.FeatureCount} {ModelContract.FeaturesOutput}",
                _ => "use a model that has",
            };
            throw new SeverityException(SeverityError.ModelUnsupported, $"{source}: gives no {lack}, which the head reads; {has}");
        }
        return new NetworkOutputs(ModelContract.FeaturesOutput, model.FeatureCount, hasLogits ? ModelContract.LogitsOutput : null,
            model.Labels.Count, model.Labels);
    }

    static OnnxModel Replace(OnnxModel model, SeverityHead head, NetworkOutputs network)
    {
        OnnxValue[] outputs = [.. model.Graph.Outputs];
        foreach (string score in DerivedModel.Scores)
            model.Graph.RemoveOutput(score);
        model.Graph.RemoveUnused();
        // In a copy the names of what is gone are free again.
        OnnxModel made = model.Clone();
        foreach (string score in DerivedModel.Scores)
            DerivedModel.Rename(made.Graph, score);
        (string extent, string opacity) = head.AddTo(new GraphBuilder(made), network);
        DerivedModel.Rename(made.Graph, extent, ModelContract.GeographicExtentOutput);
        DerivedModel.Rename(made.Graph, opacity, ModelContract.OpacityOutput);
        foreach (OnnxValue output in outputs)
        {
            made.Graph.RemoveOutput(output.Name);
            made.Graph.AddOutput(output);
        }
        GraphChecker.Check(made, allowUnknownOperators: true);
        return made;
    }
}
