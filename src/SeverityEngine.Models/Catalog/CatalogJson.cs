using System.Text.Json.Serialization;
using SeverityEngine.Models.Store;

namespace SeverityEngine.Models.Catalog;

/// <summary>The form of models/catalog.json.</summary>
sealed record CatalogJson
{
    /// <summary>For who reads the file.</summary>
    public string? About { get; init; }

    public required IReadOnlyList<WeightsFile> Files { get; init; }

    public required IReadOnlyList<KnownModelJson> Models { get; init; }
}

/// <summary>A model in models/catalog.json, its files by their names.</summary>
sealed record KnownModelJson
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    public required string Description { get; init; }

    public required string Head { get; init; }

    public required string Backbone { get; init; }

    public required IReadOnlyList<string> HeadFiles { get; init; }

    public required string License { get; init; }

    public required string Citation { get; init; }

    public required IReadOnlyList<PublishedScore> PublishedScores { get; init; }

    /// <summary>For who reads the file: where the scores were published.</summary>
    public string? PublishedScoresSource { get; init; }
}

/// <summary>Readers and writers made at compile time, since a program compiled ahead of time can make none.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(CatalogJson))]
[JsonSerializable(typeof(InstallRecord))]
sealed partial class ModelsJson : JsonSerializerContext;
