namespace SeverityEngine.Batch.Inputs;

/// <summary>A name in a folder.</summary>
readonly record struct FolderEntry(string Name, bool IsFolder, bool IsLink);
