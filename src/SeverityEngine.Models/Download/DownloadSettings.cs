namespace SeverityEngine.Models.Download;

/// <summary>How patient a download is.</summary>
sealed record DownloadSettings
{
    /// <summary>How long a server may send nothing.</summary>
    public TimeSpan Stall { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Attempts in a row that may bring nothing new.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The wait before the second attempt; it doubles with each further one.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>A failure that a further attempt may mend.</summary>
sealed class DownloadFault(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
