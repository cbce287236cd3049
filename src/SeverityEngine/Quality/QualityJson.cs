using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

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
}

/// <summary>
/// Readers and writers made at compile time, since a program compiled ahead of time can make none. What a reader does not know it leaves
/// out: a later engine may write more.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(DomainJson))]
[JsonSerializable(typeof(IntervalsJson))]
sealed partial class QualityJson : JsonSerializerContext
{
    /// <summary>Far above what any model needs, far below what takes long.</summary>
    const int LongestText = 1 << 26;

    /// <summary>Reads a text of a model's metadata.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.ModelContract"/>: it is none such.</exception>
    public static T Read<T>(string text, string key, JsonTypeInfo<T> form) where T : class
    {
        if (text.Length > LongestText)
            throw Fault(key, $"it is {text.Length} characters long, more than the {LongestText} that are read");
        try
        {
            return JsonSerializer.Deserialize(text, form) ?? throw Fault(key, "it is null");
        }
        catch (JsonException e)
        {
            throw Fault(key, e.Message, e);
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

    static SeverityException Fault(string key, string fault, Exception? cause = null) =>
        new(SeverityError.ModelContract, $"{key} cannot be used: {fault}", cause);
}
