namespace SeverityEngine.Models;

/// <summary>The form of models/catalogue.json.</summary>
sealed record CatalogueJson
{
    /// <summary>For who reads the file.</summary>
    public string? About { get; init; }

    public required IReadOnlyList<WeightsFile> Files { get; init; }

    public required IReadOnlyList<KnownModelJson> Models { get; init; }
}
