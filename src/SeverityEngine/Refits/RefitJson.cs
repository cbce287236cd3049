using System.Text.Json;
using System.Text.Json.Serialization;
using SeverityEngine.Quality;

namespace SeverityEngine.Refits;

/// <summary>The form of <c>severity.refit</c>.</summary>
sealed record RefitJson
{
    public required int Version { get; init; }

    public required int Images { get; init; }

    /// <summary>Absent where it is not known whose the images are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Patients { get; init; }

    public required int Folds { get; init; }

    [JsonPropertyName("data_sha256")]
    public required string DataSha256 { get; init; }

    public required RefitOutcomeJson GeographicExtent { get; init; }

    public required RefitOutcomeJson Opacity { get; init; }

    public static RefitJson Of(QualityObject json) => new()
    {
        Version = json.Integer("version"),
        Images = json.Integer("images"),
        Patients = json.Has("patients") ? json.Integer("patients") : null,
        Folds = json.Integer("folds"),
        DataSha256 = json.Text("data_sha256"),
        GeographicExtent = RefitOutcomeJson.Of(json.Object("geographic_extent")),
        Opacity = RefitOutcomeJson.Of(json.Object("opacity")),
    };
}

/// <summary>What it says of one score.</summary>
sealed record RefitOutcomeJson
{
    static readonly string[] s_methods =
        [.. Enum.GetValues<RefitMethod>().Select(method => JsonNamingPolicy.SnakeCaseLower.ConvertName(method.ToString()))];

    public required string Method { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Mae { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MaeAsIs { get; init; }

    public static RefitOutcomeJson Of(RefitOutcome outcome) => new()
    {
        Method = s_methods[(int)outcome.Method],
        Mae = outcome.Mae,
        MaeAsIs = outcome.MaeAsIs,
    };

    public static RefitOutcomeJson Of(QualityObject json) => new()
    {
        Method = json.Text("method"),
        Mae = json.Has("mae") ? json.Number("mae") : null,
        MaeAsIs = json.Has("mae_as_is") ? json.Number("mae_as_is") : null,
    };

    public RefitOutcome ToOutcome()
    {
        int method = Array.IndexOf(s_methods, Method);
        QualityJson.Check(method >= 0, ModelContract.RefitKey, $"its method '{Method}' is none of {string.Join(", ", s_methods)}");
        return new RefitOutcome((RefitMethod)method, Mae, MaeAsIs);
    }
}
