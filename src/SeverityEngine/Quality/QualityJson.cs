using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SeverityEngine.IO;
using SeverityEngine.Refits;

namespace SeverityEngine.Quality;

/// <summary>The form of <c>severity.domain</c>.</summary>
sealed record DomainJson
{
    public required int Version { get; init; }

    public required int Images { get; init; }

    public required double Quantile { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FeaturesJson? Features { get; init; }

    public required PictureJson Picture { get; init; }

    public required double[] Aspect { get; init; }

    public static DomainJson Of(QualityObject json) => new()
    {
        Version = json.Integer("version"),
        Images = json.Integer("images"),
        Quantile = json.Number("quantile"),
        Features = json.Has("features") ? FeaturesJson.Of(json.Object("features")) : null,
        Picture = PictureJson.Of(json.Object("picture")),
        Aspect = json.Numbers("aspect"),
    };
}

/// <summary>The features' part of it; arrays are float32, little endian, which JSON has as base64.</summary>
sealed record FeaturesJson
{
    public required int Count { get; init; }

    public required int Components { get; init; }

    public required string Transform { get; init; }

    [JsonPropertyName("mean_f32")]
    public required byte[] Mean { get; init; }

    [JsonPropertyName("basis_f32_kxd")]
    public required byte[] Basis { get; init; }

    [JsonPropertyName("variance_f32")]
    public required byte[] Variance { get; init; }

    public required double ResidualVariance { get; init; }

    public required double Threshold { get; init; }

    public static FeaturesJson Of(QualityObject json) => new()
    {
        Count = json.Integer("count"),
        Components = json.Integer("components"),
        Transform = json.Text("transform"),
        Mean = json.Bytes("mean_f32"),
        Basis = json.Bytes("basis_f32_kxd"),
        Variance = json.Bytes("variance_f32"),
        ResidualVariance = json.Number("residual_variance"),
        Threshold = json.Number("threshold"),
    };
}

/// <summary>The pictures' part of it.</summary>
sealed record PictureJson
{
    public required int Size { get; init; }

    public required double Eps { get; init; }

    public required int Prototypes { get; init; }

    [JsonPropertyName("prototypes_f32_nx256")]
    public required byte[] PrototypeValues { get; init; }

    public required double Threshold { get; init; }

    public static PictureJson Of(QualityObject json) => new()
    {
        Size = json.Integer("size"),
        Eps = json.Number("eps"),
        Prototypes = json.Integer("prototypes"),
        PrototypeValues = json.Bytes("prototypes_f32_nx256"),
        Threshold = json.Number("threshold"),
    };
}

/// <summary>The form of <c>severity.intervals</c>.</summary>
sealed record IntervalsJson
{
    public required int Version { get; init; }

    public required string Method { get; init; }

    public required int Images { get; init; }

    /// <summary>Absent where it is not known whose the images are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Patients { get; init; }

    public required double[] Levels { get; init; }

    public required double[] GeographicExtent { get; init; }

    public required double[] Opacity { get; init; }

    public static IntervalsJson Of(QualityObject json) => new()
    {
        Version = json.Integer("version"),
        Method = json.Text("method"),
        Images = json.Integer("images"),
        Patients = json.Has("patients") ? json.Integer("patients") : null,
        Levels = json.Numbers("levels"),
        GeographicExtent = json.Numbers("geographic_extent"),
        Opacity = json.Numbers("opacity"),
    };
}

/// <summary>The values of an object in a model's metadata, each by its name. What is not asked for is left out.</summary>
/// <param name="element">The object.</param>
/// <param name="key">The key in the metadata, for messages.</param>
/// <param name="path">What leads to the object, with a point behind it.</param>
readonly struct QualityObject(JsonElement element, string key, string path)
{
    public int Integer(string name) =>
        Required(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out int number) ? number
            : throw Fault(name, "is no whole number of 32 bits");

    public double Number(string name) => Number(Required(name), name);

    public string Text(string name) =>
        Required(name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Fault(name, "is no text");

    public byte[] Bytes(string name) =>
        Required(name) is { ValueKind: JsonValueKind.String } value && value.TryGetBytesFromBase64(out byte[]? bytes) ? bytes
            : throw Fault(name, "is no text in base64");

    public double[] Numbers(string name)
    {
        if (Required(name) is not { ValueKind: JsonValueKind.Array } value)
            throw Fault(name, "is no list");
        double[] numbers = new double[value.GetArrayLength()];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = Number(value[i], name);
        return numbers;
    }

    public QualityObject Object(string name) =>
        Required(name) is { ValueKind: JsonValueKind.Object } value ? new QualityObject(value, key, $"{path}{name}.")
            : throw Fault(name, "is no object");

    /// <summary>Whether there is a value of a name.</summary>
    public bool Has(string name) => element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    double Number(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw Fault(name, "is no number");

    JsonElement Required(string name) => element.TryGetProperty(name, out JsonElement value) ? value : throw Fault(name, "is missing");

    SeverityException Fault(string name, string fault) => QualityJson.Fault(key, $"{path}{name} {fault}");
}

/// <summary>Writers made at compile time, since a program compiled ahead of time can make none.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DomainJson))]
[JsonSerializable(typeof(IntervalsJson))]
[JsonSerializable(typeof(RefitJson))]
sealed partial class QualityJson : JsonSerializerContext
{
    /// <summary>Far above what any model needs, far below what takes long.</summary>
    const int LongestText = 1 << 26;

    /// <summary>
    /// Reads a text of a model's metadata. It is walked through, not handed to a serializer: that would look for attributes by reflection,
    /// which takes longer than all else here.
    /// </summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelContract"/>: it is none such.</exception>
    public static T Read<T>(string text, string key, Func<QualityObject, T> read)
    {
        if (text.Length > LongestText)
            throw Fault(key, $"it is {text.Length} characters long, more than the {LongestText} that are read");
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            Check(document.RootElement.ValueKind == JsonValueKind.Object, key, "it is no object");
            return read(new QualityObject(document.RootElement, key, ""));
        }
        catch (JsonException e)
        {
            throw Fault(key, JsonFault.Reason(e), e);
        }
    }

    /// <summary>A text as <see cref="Read"/> takes it.</summary>
    public static string Write<T>(T value, JsonTypeInfo<T> form) => JsonSerializer.Serialize(value, form);

    /// <summary>Breaks off unless a text holds what it must.</summary>
    public static void Check(bool isSound, string key, string fault)
    {
        if (!isSound)
            throw Fault(key, fault);
    }

    public static SeverityException Fault(string key, string fault, Exception? cause = null) =>
        new(SeverityError.ModelContract, $"{key} cannot be used: {fault}", cause);
}
