using SeverityEngine.Inference;
using SeverityEngine.Onnx;
using SeverityEngine.Refits;

namespace SeverityEngine.Models.Heads;

/// <summary>Writes refits of the scores into a model's graph, in standard operators.</summary>
static class ScoreRewrite
{
    /// <summary>Rewrites what makes the scores.</summary>
    /// <param name="model">The model, which is changed.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="extent">What takes the place of raw geographic extent.</param>
    /// <param name="opacity">What takes the place of raw opacity.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelContract"/>, <see cref="SeverityError.ModelInvalid"/>,
    /// <see cref="SeverityError.ModelUnsupported"/>: the model does not give a score or features that a refit is of.
    /// </exception>
    public static void Apply(OnnxModel model, string source, ScoreRefit extent, ScoreRefit opacity)
    {
        ModelInfo info = DerivedModel.Check(model, source);
        OnnxFaults.Translate(source, () =>
        {
            GraphBuilder builder = new(model);
            Rewrite(builder, ModelContract.GeographicExtentOutput, extent, info.FeatureCount);
            Rewrite(builder, ModelContract.OpacityOutput, opacity, info.FeatureCount);
            model.Graph.RemoveUnused();
            model.Graph.SortTopologically();
            GraphChecker.Check(model, allowUnknownOperators: true);
        });
    }

    static void Rewrite(GraphBuilder builder, string score, ScoreRefit refit, int features)
    {
        OnnxGraph graph = builder.Graph;
        if (refit == AffineRefit.None || (refit is AffineRefit line && TryFold(builder, score, line)))
            return;
        if (graph.Producer(score) is null)
            throw new OnnxException(OnnxFault.Unsupported, $"no node makes '{score}', so nothing can be put behind it");
        if (refit is FeatureRefit regression && regression.Coefficients.Count != features)
        {
            throw new OnnxException(OnnxFault.Unsupported,
                $"the refit reads {regression.Coefficients.Count} features, and the model gives {features}");
        }
        string raw = DerivedModel.Rename(graph, score), name = $"{score}.refit";
        string made = refit switch
        {
            AffineRefit affine => Gemm(builder, raw, [affine.Slope], affine.Intercept, name),
            FeatureRefit head => Gemm(builder, ModelContract.FeaturesOutput, head.Coefficients, head.Intercept, name),
            IsotonicRefit steps => Isotonic(builder, raw, steps, name),
            _ => throw new InvalidOperationException($"no graph is known for {refit}"),
        };
        DerivedModel.Rename(graph, made, score);
    }

    /// <summary>A score that is one product with constants takes a line into them: the network has no node more than before.</summary>
    static bool TryFold(GraphBuilder builder, string score, AffineRefit line)
    {
        OnnxGraph graph = builder.Graph;
        if (graph.Producer(score) is not { } head || !head.Is("Gemm") || graph.Consumers(score).Count > 0
            || graph.Constant(head.Input(1)) is not { ElementType: OnnxElementType.Float32, Dimensions.Count: 2 } weight
            || head.Attributes.GetFloat("beta", 1) != 1)
        {
            return false;
        }
        OnnxTensor? bias = graph.Constant(head.Input(2));
        if (bias is not (null or { ElementType: OnnxElementType.Float32, Count: 1 }) || (bias is null && head.Input(2) is not null))
            return false;
        double offset = bias is null ? 0 : bias.Values<float>()[0];
        float[] scaled = new float[weight.Count];
        for (int i = 0; i < scaled.Length; i++)
            scaled[i] = (float)(line.Slope * weight.Values<float>()[i]);
        head.SetInput(1, builder.Constant<float>($"{score}.refit.weight", [.. weight.Dimensions], scaled));
        head.SetInput(2, builder.Vector($"{score}.refit.bias", (float)((line.Slope * offset) + line.Intercept)));
        return true;
    }

    /// <summary>
    /// With the gaps between points and the rises over them, <c>last - sum of rise relu(1 - relu((x - point) / gap))</c>. Each term is
    /// between 0 and its rise, so that rounding does not add up as it would in a sum of slopes, of which some are steep.
    /// </summary>
    static string Isotonic(GraphBuilder builder, string x, IsotonicRefit refit, string name)
    {
        List<float> points = [], shares = [], rises = [];
        for (int i = 1; i < refit.X.Count; i++)
        {
            double rise = refit.Y[i] - refit.Y[i - 1], gap = refit.X[i] - refit.X[i - 1];
            if (rise <= 0)
                continue;
            points.Add((float)refit.X[i - 1]);
            shares.Add((float)Math.Min(1 / gap, float.MaxValue));
            rises.Add((float)-rise);
        }
        if (rises.Count == 0)
            return Gemm(builder, x, [0], refit.Y[^1], name);
        long[] row = [1, rises.Count];
        string past = builder.Sub(x, builder.Constant<float>($"{name}.points", row, [.. points]), $"{name}.past");
        string share = builder.Relu(builder.Mul(past, builder.Constant<float>($"{name}.shares", row, [.. shares]), $"{name}.share"),
            $"{name}.begun");
        string left = builder.Relu(builder.Sub(builder.Vector($"{name}.one", 1f), share, $"{name}.rest"), $"{name}.left");
        return Gemm(builder, left, [.. rises.Select(r => (double)r)], refit.Y[^1], name);
    }

    static string Gemm(GraphBuilder builder, string x, IReadOnlyList<double> weights, double bias, string name) => builder.Gemm(x,
        builder.Constant<float>($"{name}.weight", [weights.Count, 1], [.. weights.Select(w => (float)w)]),
        builder.Vector($"{name}.bias", (float)bias), name: name);
}
