namespace SeverityEngine.Models.Catalog;

/// <summary>The form of models/catalog.json.</summary>
sealed record CatalogJson
{
    /// <summary>For who reads the file.</summary>
    public string? About { get; init; }

    public required IReadOnlyList<WeightsFile> Files { get; init; }

    public required IReadOnlyList<KnownModelJson> Models { get; init; }
}
