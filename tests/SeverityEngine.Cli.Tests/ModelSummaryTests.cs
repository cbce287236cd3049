using SeverityEngine.Onnx;

namespace SeverityEngine.Cli.Tests;

public class ModelSummaryTests
{
    /// <summary>What can be wrong with a model, by name.</summary>
    static readonly Dictionary<string, Action<OnnxModel>> s_breaches = new()
    {
        ["no-opacity"] = m => m.Graph.RemoveOutput("opacity"),
        ["no-metadata"] = m => m.Metadata.Clear(),
        ["format"] = m => m.Metadata["severity.format"] = "2",
        ["range"] = m => m.Metadata["severity.opacity.range"] = "6,0",
        ["two-inputs"] = m => m.Graph.AddInput(new OnnxValue("further", OnnxElementType.Float32, ["N", 1])),
    };

    public static TheoryData<string> Breaches => [.. s_breaches.Keys];

    [Theory]
    [MemberData(nameof(Breaches))]
    public void Info_and_a_prediction_name_the_same_fault(string breach)
    {
        OnnxModel model = ModelFile.BuiltIn().ToGraph();
        s_breaches[breach](model);
        ModelFile file = new(model.ToArray(), "broken.onnx");
        ModelSummary summary = ModelSummary.Of(file);
        Assert.NotEmpty(summary.ContractFaults);
        SeverityException error = Assert.Throws<SeverityException>(() => SeverityPredictor.Create(new PredictorOptions { Model = file }));
        Assert.Contains($": {string.Join("; ", summary.ContractFaults)}. See ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_built_in_model_keeps_the_contract() => Assert.Empty(ModelSummary.Of(ModelFile.BuiltIn()).ContractFaults);
}
