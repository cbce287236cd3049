namespace SeverityEngine.Tests;

/// <summary>What an <see cref="HttpsServer"/> answers.</summary>
sealed record HttpsAnswer(int Status, byte[] Body)
{
    public HttpsAnswer(int status) : this(status, [])
    {
    }

    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>How much of the body is sent before the connection is cut; null for all of it.</summary>
    public int? StopAfter { get; init; }

    /// <summary>Whether the connection stays open after that, in silence.</summary>
    public bool Silent { get; init; }
}
