using System.Text.Json;
using SeverityEngine.IO;
using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Onnx;

namespace SeverityEngine.Models.Checkpoints;

/// <summary>Scores that are linear in a network's logits or pooled features: a regression that somebody fitted, from a JSON file.</summary>
/// <remarks>
/// The file names what the regressions read and gives, for each score, what scikit-learn calls <c>coef_</c> and <c>intercept_</c>:
/// <code>
/// { "input": "features",
///   "geographic_extent": { "coefficients": [0.01, ...], "intercept": 2.5 },
///   "opacity": { "coefficients": [0.02, ...], "intercept": 1.5 } }
/// </code>
/// </remarks>
public sealed class RegressionHead : SeverityHead
{
    static readonly string[] s_properties = ["input", ModelContract.GeographicExtentOutput, ModelContract.OpacityOutput];

    readonly string _source;
    readonly (float[] Coefficients, float Intercept) _extent, _opacity;

    RegressionHead(JsonElement root, string source)
    {
        _source = source;
        if (root.ValueKind != JsonValueKind.Object)
            throw Fault("it is no object");
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!s_properties.Contains(property.Name))
                throw Fault($"'{property.Name}' is none of {string.Join(", ", s_properties)}");
        }
        Input = root.TryGetProperty("input", out JsonElement input) && input.ValueKind == JsonValueKind.String ? input.GetString()! : "";
        if (Input is not (ModelContract.LogitsOutput or ModelContract.FeaturesOutput))
            throw Fault($"its \"input\" has to be \"{ModelContract.LogitsOutput}\" or \"{ModelContract.FeaturesOutput}\"");
        _extent = Regression(root, ModelContract.GeographicExtentOutput);
        _opacity = Regression(root, ModelContract.OpacityOutput);
    }

    /// <summary>What the regressions read: <c>logits</c> or <c>features</c>.</summary>
    public string Input { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="SeverityException">A file that is not there, not readable, empty or too large; and as for
    /// <see cref="Read(ReadOnlyMemory{byte}, string)"/>.</exception>
    public static RegressionHead Read(string path) => Read(CheckpointFile.ReadBytes(path, PickleLimits.Default), path);

    /// <summary>Reads a file from memory.</summary>
    /// <param name="json">The file's bytes.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.CheckpointLayout"/>: not a head of this form.</exception>
    public static RegressionHead Read(ReadOnlyMemory<byte> json, string name = "head")
    {
        CheckpointFile.Require(json.Span, name, PickleLimits.Default);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return new RegressionHead(document.RootElement, name);
        }
        catch (JsonException e)
        {
            throw new SeverityException(SeverityError.CheckpointLayout,
                $"{name}: not a head in JSON: {JsonFault.Reason(e)}; check the file", e);
        }
    }

    internal override bool ReadsLogits => Input == ModelContract.LogitsOutput;

    internal override HeadScores AddTo(GraphBuilder builder, NetworkOutputs network)
    {
        (string input, int width) =
            ReadsLogits ? (network.Logits!, network.LogitCount) : (network.Features, network.FeatureCount);
        return new HeadScores(
            Score(ModelContract.GeographicExtentOutput, _extent), Score(ModelContract.OpacityOutput, _opacity));

        string Score(string name, (float[] Coefficients, float Intercept) regression)
        {
            if (regression.Coefficients.Length != width)
                throw Fault($"{name} has {regression.Coefficients.Length} coefficients, and the network gives {width} {Input}");
            string weight = builder.Constant<float>($"{name}.weight", [width, 1], regression.Coefficients);
            return builder.Gemm(input, weight, builder.Vector($"{name}.bias", regression.Intercept), name: name);
        }
    }

    (float[] Coefficients, float Intercept) Regression(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out JsonElement score) || score.ValueKind != JsonValueKind.Object
            || !score.TryGetProperty("coefficients", out JsonElement coefficients) || coefficients.ValueKind != JsonValueKind.Array
            || !score.TryGetProperty("intercept", out JsonElement intercept))
        {
            throw Fault($"\"{name}\" has to be an object with an array \"coefficients\" and a number \"intercept\"");
        }
        return ([.. coefficients.EnumerateArray().Select(c => Number(c, $"a coefficient of {name}"))],
            Number(intercept, $"the intercept of {name}"));
    }

    float Number(JsonElement value, string what) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number) && float.IsFinite(number)
            ? number : throw Fault($"{what} is {value.GetRawText()}, which is no number");

    SeverityException Fault(string fault) => new(SeverityError.CheckpointLayout, $"{_source}: not a linear head: {fault}");
}
