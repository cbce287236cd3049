using SeverityEngine.Onnx;

namespace SeverityEngine.Models.Checkpoints.Networks;

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

    internal override void AddTo(GraphBuilder builder, string features, int featureCount, string logits, IReadOnlyList<string> labels)
    {
        int index = labels.ToList().IndexOf(Label);
        if (index < 0)
            throw new SeverityException(SeverityError.CheckpointLayout, $"the cidc head reads the '{Label}' logit, which is not among {string.Join(", ", labels)}");
        Score(ModelContract.GeographicExtentOutput, ExtentSlope, ExtentIntercept);
        Score(ModelContract.OpacityOutput, OpacitySlope, OpacityIntercept);

        // As a product with one weight that is not zero, each score is one node; picking the logit out first would take two more.
        void Score(string name, double slope, double intercept)
        {
            float[] weight = new float[labels.Count];
            weight[index] = (float)slope;
            builder.Gemm(logits, builder.Constant<float>($"{name}.weight", [labels.Count, 1], weight), builder.Vector($"{name}.bias", (float)intercept), name: name);
        }
    }
}
