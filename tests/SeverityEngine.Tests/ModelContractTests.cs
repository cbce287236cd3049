using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Tests;

namespace SeverityEngine.Tests;

public class ModelContractTests
{
    static ModelContract Full => new()
    {
        Name = "some-model",
        Version = "1.2.3",
        OpacityRange = new ScoreRange(0, 6.5),
        Labels = ["Lung Opacity", "Mass"],
        OperatingPoints = [0.07422872f, 0.0022490358f],
        Source = "https://example.org/weights.pt",
        SourceSha256 = new string('a', 64),
        License = "CC BY-SA 4.0",
        Citation = "Somebody, 2020",
    };

    [Fact]
    public void What_is_written_reads_back()
    {
        OnnxModel model = Graphs.Network();
        Full.Write(model.Metadata);
        Assert.Equal(Full, ModelContract.Read(OnnxModel.Parse(model.ToArray()).Metadata));
        Assert.Equal("1", model.Metadata["severity.format"]);
        Assert.Equal("0,8", model.Metadata["severity.geographic_extent.range"]);
        Assert.Equal("0,6.5", model.Metadata["severity.opacity.range"]);
        Assert.Equal("Lung Opacity,Mass", model.Metadata["severity.labels"]);
        Assert.Equal("0.07422872,0.0022490358", model.Metadata["severity.operating_points"]);
    }

    [Fact]
    public void What_is_not_stated_is_not_written_and_replaces_what_was()
    {
        OnnxModel model = Graphs.Network();
        Full.Write(model.Metadata);
        model.Metadata["other"] = "kept";
        ModelContract least = new() { Name = "n", Version = "1" };
        least.Write(model.Metadata);
        Assert.Equal(least, ModelContract.Read(model.Metadata));
        Assert.Equal(
            ["other", "severity.format", "severity.geographic_extent.range", "severity.name", "severity.opacity.range", "severity.version"],
            model.Metadata.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_default_model_keeps_the_contract()
    {
        OnnxModel model = OnnxModel.Parse(File.ReadAllBytes(Path.Combine(TestData.RepositoryRoot, "models", "severity-compact.onnx")));
        ModelContract contract = ModelContract.Read(model.Metadata);
        Assert.Equal("severity-compact", contract.Name);
        Assert.Equal(new ScoreRange(0, 8), contract.GeographicExtentRange);
        Assert.Equal(new ScoreRange(0, 6), contract.OpacityRange);
        Assert.Contains("10.7759/cureus.9448", contract.Citation, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_missing_or_wrong_is_named_at_once()
    {
        SeverityException fault = Assert.Throws<SeverityException>(() => ModelContract.Read(new Dictionary<string, string>
        {
            ["severity.format"] = "2",
            ["severity.name"] = "n",
            ["severity.opacity.range"] = "6,0",
            ["severity.labels"] = "A,B",
            ["severity.operating_points"] = "0.5",
        }, "some.onnx"));
        Assert.Equal(SeverityError.ModelContract, fault.Code);
        Assert.Equal(
            "some.onnx does not keep the model contract: severity.format is '2', and this engine reads '1'; severity.version is missing; "
            + "severity.geographic_extent.range is missing; severity.opacity.range is '6,0', which is no range such as 0,8; "
            + "severity.operating_points are 1 for 2 labels", fault.Message);
    }

    [Theory]
    [InlineData("0.5,x")]
    [InlineData("0.5,NaN")]
    [InlineData("0,0.5")]
    [InlineData("0.5,,")]
    public void Operating_points_that_are_no_probabilities_are_refused(string text)
    {
        OnnxModel model = Graphs.Network();
        Full.Write(model.Metadata);
        model.Metadata["severity.operating_points"] = text;
        Assert.Equal(SeverityError.ModelContract, Assert.Throws<SeverityException>(() => ModelContract.Read(model.Metadata)).Code);
    }

    [Fact]
    public void What_could_not_be_read_back_is_not_written()
    {
        foreach (ModelContract bad in (ModelContract[])[
            Full with { Labels = ["A,B", "C"] }, Full with { Labels = ["A", ""] }, Full with { Labels = ["A"] },
            Full with { OperatingPoints = [0.5f, 1f] }, Full with { OpacityRange = new ScoreRange(6, 0) }])
        {
            Assert.Equal(
                SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => bad.Write(new Dictionary<string, string>())).Code);
        }
    }
}
