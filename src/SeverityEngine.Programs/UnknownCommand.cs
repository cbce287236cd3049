using System.CommandLine;

namespace SeverityEngine.Programs;

/// <summary>A word that stands where a command is expected and is none.</summary>
static class UnknownCommand
{
    /// <summary>More letters wrong are another word.</summary>
    const int MostMistakes = 2;

    /// <summary>What is wrong with the words that name a command; null where nothing is.</summary>
    /// <param name="parsed">What the parser made of them.</param>
    public static string? Fault(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (command.Subcommands.Count == 0 || parsed.UnmatchedTokens is not [string word, ..])
            return null;
        string[] names = [.. command.Subcommands.Select(c => c.Name)];
        string nearest = names.MinBy(name => Mistakes(word, name))!;
        string before = command is RootCommand ? "" : CommandPath.Of(parsed).Split(' ', 2)[1] + " ";
        return Mistakes(word, nearest) <= MostMistakes ? $"unknown command '{before}{word}'; did you mean '{before}{nearest}'?"
            : $"unknown command '{before}{word}'; there are {string.Join(", ", names[..^1])} and {names[^1]}";
    }

    /// <summary>Levenshtein's distance, in which two letters that changed places are one mistake.</summary>
    internal static int Mistakes(string word, string name)
    {
        int[,] steps = new int[word.Length + 1, name.Length + 1];
        for (int i = 0; i <= word.Length; i++)
        {
            for (int j = 0; j <= name.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    steps[i, j] = i + j;
                    continue;
                }
                int replaced = steps[i - 1, j - 1] + (char.ToLowerInvariant(word[i - 1]) == name[j - 1] ? 0 : 1);
                steps[i, j] = Math.Min(replaced, Math.Min(steps[i - 1, j], steps[i, j - 1]) + 1);
                if (i > 1 && j > 1 && word[i - 1] == name[j - 2] && word[i - 2] == name[j - 1])
                    steps[i, j] = Math.Min(steps[i, j], steps[i - 2, j - 2] + 1);
            }
        }
        return steps[word.Length, name.Length];
    }
}
