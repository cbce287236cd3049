namespace SeverityEngine.Models.Store;

/// <summary>What the store remembers of a model beside its file.</summary>
sealed record InstallRecord
{
    /// <summary>The model file's SHA-256.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The model file's length in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The version of the engine that made it.</summary>
    public required string Engine { get; init; }

    /// <summary>The files that it was made from.</summary>
    public required IReadOnlyList<WeightsFile> MadeFrom { get; init; }
}
