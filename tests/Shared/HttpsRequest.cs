namespace SeverityEngine.Tests;

/// <summary>What a client asked of an <see cref="HttpsServer"/>.</summary>
sealed record HttpsRequest(string Path, IReadOnlyDictionary<string, string> Headers)
{
    public string? Range => Headers.GetValueOrDefault("Range");
}
