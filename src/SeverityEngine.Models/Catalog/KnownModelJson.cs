namespace SeverityEngine.Models.Catalog;

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
