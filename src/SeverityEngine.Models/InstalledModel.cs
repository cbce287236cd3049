namespace SeverityEngine.Models;

/// <summary>A model in the store.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">Its file.</param>
/// <param name="Size">The file's length in bytes.</param>
/// <param name="Sha256">The SHA-256 that the file had when it was installed; null for a file that was put there by hand.</param>
public sealed record InstalledModel(string Name, string Path, long Size, string? Sha256);
