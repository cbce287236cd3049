using System.CommandLine;
using SeverityEngine.Batch.Inputs;

namespace SeverityEngine.Cli.CommandLine;

/// <summary>
/// The spelling of the published script: <c>severity IMAGE</c> and <c>severity IMAGE -saliency_path OUT</c> mean <c>severity predict</c>.
/// </summary>
static class SeedSpelling
{
    public const string SaliencyOption = "-saliency_path";

    public static string[] Expand(string[] args, RootCommand root) =>
        args.Length > 0 && (args[0] == SaliencyOption || IsImage(args[0])) && root.Subcommands.All(c => c.Name != args[0])
            ? ["predict", .. args] : args;

    /// <summary>Whether a word can only be an image: a mistyped command is none.</summary>
    static bool IsImage(string word) => word == StandardInput.Spelling
        || (word.Length > 0 && word[0] is not ('-' or '[') && (word.AsSpan().ContainsAny("/\\.*?") || Path.Exists(word)));
}
