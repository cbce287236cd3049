using System.Buffers.Binary;
using System.Text.Json.Nodes;
using SeverityEngine.Onnx;
using SeverityEngine.Quality;

namespace SeverityEngine.Tests.Quality;

public class DomainTextTests
{
    [Fact]
    public void The_built_in_models_text_is_written_as_it_was_read()
    {
        OrderedDictionary<string, string> metadata = OnnxModel.ReadMetadata(ModelFile.BuiltIn().Bytes, "model");
        string text = metadata[ModelContract.DomainKey];
        DomainStatistics statistics = DomainText.Read(text, 384);
        Assert.Equal((674, 0.9875), (statistics.Images, statistics.Quantile));
        Assert.Equal((384, 32), (statistics.Features!.Mean.Length, statistics.Features.Variance.Length));
        Assert.Equal(29 * 256, statistics.Picture.Prototypes.Length);
        Assert.Equal(text, DomainText.Write(statistics));
    }

    [Fact]
    public void The_text_has_the_form_that_is_documented()
    {
        JsonObject json = JsonNode.Parse(DomainText.Write(DomainSamples.Small))!.AsObject();
        Assert.Equal(["version", "images", "quantile", "features", "picture", "aspect"], json.Select(p => p.Key));
        Assert.Equal(1, (int)json["version"]!);
        Assert.Equal(3, (int)json["features"]!["count"]!);
        Assert.Equal(1, (int)json["features"]!["components"]!);
        Assert.Equal("sign(v)*sqrt(|v|)", (string)json["features"]!["transform"]!);
        // 4 is 0x40800000.
        Assert.Equal("AACAQA==", (string)json["features"]!["variance_f32"]!);
        Assert.Equal((16, 0.16), ((int)json["picture"]!["size"]!, (double)json["picture"]!["eps"]!));
        Assert.Equal([0.5, 2.0], json["aspect"]!.AsArray().Select(v => (double)v!));
    }

    [Fact]
    public void What_is_written_reads_back_with_features_or_without()
    {
        DomainStatistics small = DomainSamples.Small;
        DomainStatistics read = DomainText.Read(DomainText.Write(small), 3);
        Assert.Equal((small.Images, small.Quantile, small.Aspect), (read.Images, read.Quantile, read.Aspect));
        Assert.Equal(small.Features!.Mean, read.Features!.Mean);
        Assert.Equal(small.Features.Basis, read.Features.Basis);
        Assert.Equal(small.Features.Variance, read.Features.Variance);
        Assert.Equal(
            (small.Features.ResidualVariance, small.Features.Threshold), (read.Features.ResidualVariance, read.Features.Threshold));
        Assert.Equal(small.Picture.Prototypes, read.Picture.Prototypes);
        Assert.Equal(small.Picture.Threshold, read.Picture.Threshold);

        string without = DomainText.Write(small with { Features = null });
        Assert.DoesNotContain("features", without, StringComparison.Ordinal);
        Assert.Null(DomainText.Read(without, 3).Features);
        Assert.Null(DomainText.Read(without, 0).Features);
    }

    [Fact]
    public void What_a_later_engine_adds_is_passed_over()
    {
        JsonObject json = JsonNode.Parse(DomainText.Write(DomainSamples.Small))!.AsObject();
        json["further"] = new JsonObject { ["a"] = 1 };
        json["picture"]!["further"] = new JsonArray(1, 2);
        Assert.Equal(20, DomainText.Read(json.ToJsonString(), 3).Images);
    }

    public static TheoryData<string, string, string> Faults => new()
    {
        { "version", "2", "its version is 2, and this engine reads 1" },
        { "version", "", "version" },
        { "images", "0", "images is 0" },
        { "images", "1.5", "images is no whole number" },
        { "images", "99999999999", "images is no whole number" },
        { "quantile", "1", "quantile is 1" },
        { "quantile", "\"0.9\"", "quantile is no number" },
        { "aspect", "[0.65]", "aspect is no range" },
        { "aspect", "[1.6,0.65]", "aspect is no range" },
        { "aspect", "[0,1.6]", "aspect is no range" },
        { "aspect", "[0.65,1e999]", "aspect is no range" },
        { "aspect", "null", "aspect" },
        { "features.count", "0", "features.count is 0" },
        { "features.count", "4", "features.count is 4, and the model gives 3 features" },
        { "features.count", "2000000000", "features.count is 2000000000" },
        { "features.components", "0", "features.components is 0 for 3 features" },
        { "features.components", "4", "features.components is 4 for 3 features" },
        { "features.transform", "\"log\"", "features.transform is 'log'" },
        { "features.mean_f32", "\"AAAA\"", "features.mean_f32 holds 3 bytes, not 3 values of four" },
        { "features.mean_f32", "\"AAA*\"", "features.mean_f32 is no text in base64" },
        { "features.mean_f32", "null", "mean_f32" },
        { "features.basis_f32_kxd", "\"\"", "features.basis_f32_kxd holds 0 bytes" },
        { "features.basis_f32_kxd", Values(0, float.NaN, 0), "features.basis_f32_kxd has values that are not finite" },
        { "features.variance_f32", Values(0), "features.variance_f32 has values that are not above 0" },
        { "features.variance_f32", Values(-1), "features.variance_f32 has values that are not above 0" },
        { "features.variance_f32", Values(float.PositiveInfinity), "features.variance_f32 has values that are not finite" },
        { "features.residual_variance", "0", "features.residual_variance is 0" },
        { "features.threshold", "-1", "features.threshold is -1" },
        { "features.threshold", "1e999", "features.threshold is" },
        { "picture", "null", "picture" },
        { "picture", "", "picture" },
        { "picture.size", "8", "picture.size is 8" },
        { "picture.eps", "0.1", "picture.eps is 0.1" },
        { "picture.prototypes", "0", "picture.prototypes is 0" },
        { "picture.prototypes", "2", "picture.prototypes_f32_nx256 holds 1024 bytes, not 512 values of four" },
        { "picture.prototypes", "2147483647", "picture.prototypes is 2147483647" },
        { "picture.threshold", "0", "picture.threshold is 0" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_value_that_cannot_be_used_is_refused_by_its_name(string path, string value, string fault)
    {
        JsonObject json = JsonNode.Parse(DomainText.Write(DomainSamples.Small))!.AsObject();
        string[] names = path.Split('.');
        JsonObject parent = names.Length == 1 ? json : json[names[0]]!.AsObject();
        if (value.Length == 0)
            parent.Remove(names[^1]);
        else
            parent[names[^1]] = "(value)";
        AssertRefused(json.ToJsonString().Replace("\"(value)\"", value, StringComparison.Ordinal), fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"version\":1")]
    [InlineData("{\"version\":1,\"version\":1}")]
    public void A_text_that_is_no_such_object_is_refused(string text) => AssertRefused(text, "");

    [Fact]
    public void Statistics_of_features_that_a_model_does_not_give_are_refused()
    {
        SeverityException error = Assert.Throws<SeverityException>(() => DomainText.Read(DomainText.Write(DomainSamples.Small), 0));
        Assert.Contains("features.count is 3, and the model gives 0 features", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_beyond_any_use_is_not_read()
    {
        string text = string.Concat("{\"version\":1,\"more\":\"", new string('a', 1 << 26), "\"}");
        AssertRefused(text, "characters long");
    }

    static void AssertRefused(string text, string fault)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => DomainText.Read(text, 3));
        Assert.Equal(SeverityError.ModelContract, error.Code);
        Assert.StartsWith("severity.domain cannot be used: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    static string Values(params float[] values)
    {
        byte[] bytes = new byte[values.Length * 4];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), values[i]);
        return $"\"{Convert.ToBase64String(bytes)}\"";
    }
}
