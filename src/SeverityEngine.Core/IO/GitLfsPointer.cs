namespace SeverityEngine.IO;

/// <summary>
/// The text that stands in a Git repository for a large file (Git LFS). A clone has it in the file's place where Git LFS is not installed.
/// </summary>
static class GitLfsPointer
{
    /// <summary>What a message says of one, after the file's name.</summary>
    public const string Fault =
        "is a Git LFS pointer, which only stands for the file; run 'git lfs pull' in its repository, or download the file itself";

    /// <summary>Whether a file's content is one.</summary>
    public static bool Matches(ReadOnlySpan<byte> content) => content.StartsWith("version https://git-lfs.github.com/spec/"u8);
}
