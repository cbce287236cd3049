using SeverityEngine.Onnx;

namespace SeverityEngine.Models.Checkpoints.Networks;

/// <summary>What turns a network's logits or features into the two scores. It becomes part of the graph.</summary>
public abstract class SeverityHead
{
    private protected SeverityHead()
    {
    }

    /// <summary>Whether it reads the logits, so that there has to be a classifier.</summary>
    internal abstract bool ReadsLogits { get; }

    /// <summary>Adds the nodes that make <c>geographic_extent</c> and <c>opacity</c>, each <c>[N, 1]</c> and raw.</summary>
    /// <param name="builder">The graph so far.</param>
    /// <param name="network">What the network gives.</param>
    /// <returns>The values that they make, under these names where they are free.</returns>
    internal abstract HeadScores AddTo(GraphBuilder builder, NetworkOutputs network);
}

/// <summary>What a network gives to a head.</summary>
/// <param name="Features">The pooled features, <c>[N, C]</c>.</param>
/// <param name="FeatureCount">C.</param>
/// <param name="Logits">The logits, <c>[N, L]</c>; null where the network has no classifier.</param>
/// <param name="LogitCount">L.</param>
/// <param name="Labels">What the logits stand for; empty where that is not known.</param>
readonly record struct NetworkOutputs(
    string Features, int FeatureCount, string? Logits, int LogitCount, IReadOnlyList<string> Labels);

/// <summary>The values in a graph that are a head's scores.</summary>
/// <param name="GeographicExtent">Geographic extent.</param>
/// <param name="Opacity">Opacity.</param>
readonly record struct HeadScores(string GeographicExtent, string Opacity);

/// <summary>
/// The head of the published command line: both scores are linear in the raw 'Lung Opacity' logit, with no sigmoid. Fitted on the 94 scored
/// images of the COVID-19 image data collection (Cohen et al., Cureus 2020, arXiv 2005.11856).
/// </summary>
public sealed class CidcHead : SeverityHead
{
    const string Label = "Lung Opacity";

    // From the published predict_severity.py.
    const double ExtentSlope = 0.8705248236656189, ExtentIntercept = 3.4137437;
    const double OpacitySlope = 0.5484423041343689, OpacityIntercept = 2.5535977;

    internal override bool ReadsLogits => true;

    internal override HeadScores AddTo(GraphBuilder builder, NetworkOutputs network)
    {
        int index = network.Labels.ToList().IndexOf(Label);
        if (index < 0)
        {
            string fault = network.Labels.Count > 0 ? $"which is not among {string.Join(", ", network.Labels)}"
                : $"and what the classes of this classifier are is not known: {network.LogitCount}, where the published have 18";
            throw new SeverityException(SeverityError.CheckpointLayout,
                $"the cidc head reads the '{Label}' logit, {fault}; use a head on the features: --head ralo, or a JSON file of your own");
        }
        return new HeadScores(Score(ModelContract.GeographicExtentOutput, ExtentSlope, ExtentIntercept),
            Score(ModelContract.OpacityOutput, OpacitySlope, OpacityIntercept));

        // As a product with one weight that is not zero, each score is one node; picking the logit out first would take two more.
        string Score(string name, double slope, double intercept)
        {
            float[] weight = new float[network.LogitCount];
            weight[index] = (float)slope;
            return builder.Gemm(network.Logits!, builder.Constant<float>($"{name}.weight", [network.LogitCount, 1], weight),
                builder.Vector($"{name}.bias", (float)intercept), name: name);
        }
    }
}

/// <summary>
/// The later head, trained on the Stony Brook RALO set: for each score a multilayer perceptron on the pooled features, with a ReLU between
/// layers. As published both give 0 to 8.
/// </summary>
/// <remarks>
/// The model contract's opacity runs to 6, the scale of the 94 scored images, which is 6/8 of the perceptron's: this factor is
/// multiplied into its last layer, so the model's raw opacity is 3/4 of what the published file gives.
/// </remarks>
/// <param name="geographicExtent">The layers of the published <c>mlp_geo.pkl</c>, from the features on.</param>
/// <param name="opacity">The layers of the published <c>mlp_opa.pkl</c>.</param>
public sealed class RaloHead(IReadOnlyList<MlpLayer> geographicExtent, IReadOnlyList<MlpLayer> opacity) : SeverityHead
{
    const float OpacityScale = 6f / 8f;

    internal override bool ReadsLogits => false;

    internal override HeadScores AddTo(GraphBuilder builder, NetworkOutputs network)
    {
        return new HeadScores(
            Perceptron(builder, network.Features, network.FeatureCount, geographicExtent, ModelContract.GeographicExtentOutput, 1),
            Perceptron(builder, network.Features, network.FeatureCount, opacity, ModelContract.OpacityOutput, OpacityScale));
    }

    static string Perceptron(GraphBuilder builder, string x, int width, IReadOnlyList<MlpLayer> layers, string name, float scale)
    {
        CheckShapes(layers, name, width);
        for (int i = 0; i < layers.Count; i++)
        {
            Parameters.RequireFinite(layers[i].Weight, $"the weight of layer {i + 1} of the {name} perceptron");
            Parameters.RequireFinite(layers[i].Bias, $"the bias of layer {i + 1} of the {name} perceptron");
        }
        for (int i = 0; i < layers.Count; i++)
        {
            bool last = i == layers.Count - 1;
            OnnxTensor weight = Parameters.Tensor(layers[i].Weight, $"{name}.layer{i + 1}.weight", last ? scale : 1);
            OnnxTensor bias = Parameters.Tensor(layers[i].Bias, $"{name}.layer{i + 1}.bias", last ? scale : 1);
            x = builder.Gemm(x, builder.Constant(weight), builder.Constant(bias), name: last ? name : $"{name}.layer{i + 1}");
            if (!last)
                x = builder.Relu(x, $"{name}.relu{i + 1}");
        }
        return x;
    }

    static void CheckShapes(IReadOnlyList<MlpLayer> layers, string name, int width)
    {
        string sizes = string.Join(", ", layers.Select(l => Parameters.Text(l.Weight.Shape)));
        bool fits = layers.Count > 0;
        foreach (MlpLayer layer in layers)
        {
            fits &= layer.Weight.Shape is [int inputs, int outputs] && inputs == width && layer.Bias.Shape is [int biases]
                && biases == outputs;
            width = layer.Weight.Shape.Count == 2 ? layer.Weight.Shape[1] : 0;
        }
        if (!fits || width != 1)
        {
            throw new SeverityException(SeverityError.CheckpointLayout,
                $"the {name} perceptron has layers of {(layers.Count == 0 ? "no size" : sizes)}, "
                + "which do not lead from the features to one score");
        }
    }
}
