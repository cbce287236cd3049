using System.CommandLine;

namespace SeverityEngine.Cli;

/// <summary>
/// The spelling of the published script: <c>severity IMAGE</c> and <c>severity IMAGE -saliency_path OUT</c> mean <c>severity predict</c>.
/// </summary>
static class SeedSpelling
{
    public const string SaliencyOption = "-saliency_path";

    public static string[] Expand(string[] args, RootCommand root)
    {
        if (args.Length == 0)
            return args;
        bool isImage = args[0] is "-" or SaliencyOption || (!args[0].StartsWith('-') && !args[0].StartsWith('['));
        return isImage && !root.Subcommands.Any(c => c.Name == args[0]) ? ["predict", .. args] : args;
    }
}
