namespace SeverityEngine.Models.Download;

/// <summary>A failure that a further attempt may mend.</summary>
sealed class DownloadFault(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>How long the server asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
