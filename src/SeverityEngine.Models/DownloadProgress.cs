namespace SeverityEngine.Models;

/// <summary>How far a download is.</summary>
/// <param name="File">The file.</param>
/// <param name="Received">Its bytes that are here, those of an earlier attempt included.</param>
/// <param name="Trouble">Why the download starts anew, and when; null while all is well.</param>
public readonly record struct DownloadProgress(WeightsFile File, long Received, string? Trouble = null);
