using System.CommandLine;
using System.CommandLine.Parsing;
using SeverityEngine.Evaluation.Tables;

namespace SeverityEngine.Cli;

/// <summary>The readers' scores that a command holds a model against.</summary>
sealed class TruthOption
{
    static readonly string[] s_keys = ["name", "extent", "opacity", "patient", "rater"];

    readonly Option<string> _file = new("--truth")
    {
        Description = "The readers' scores: a table (csv, tsv, jsonl, json) with a row for each image, or for each image and reader. Columns: "
            + "filename, geographic_mean, opacity_mean, patientid, or as --truth-columns says. Images are found by path, name, or name "
            + "without extension.",
        HelpName = "FILE",
        Required = true,
    };

    readonly Option<string[]> _columns = new("--truth-columns")
    {
        Description = $"What the columns are called, such as extent=geo patient=id; the keys are {string.Join(", ", s_keys)}.",
        HelpName = "KEY=COLUMN",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    public TruthOption() => _columns.Validators.Add(result =>
    {
        foreach (Token token in result.Tokens.Where(t => !Split(t.Value).IsSound))
            result.AddError($"--truth-columns {token.Value}: write KEY=COLUMN, with a KEY of {string.Join(", ", s_keys)}.");
    });

    public void AddTo(Command command)
    {
        command.Add(_file);
        command.Add(_columns);
    }

    /// <summary>The file.</summary>
    public string Path(ParseResult parsed) => parsed.GetValue(_file)!;

    /// <summary>Reads it.</summary>
    /// <exception cref="SeverityException">As <see cref="ReaderFile.Read(string, ReaderColumns)"/>.</exception>
    public ReaderFile Read(ParseResult parsed)
    {
        ReaderColumns columns = new();
        foreach (string pair in parsed.GetValue(_columns) ?? [])
        {
            (string key, string column, _) = Split(pair);
            columns = key switch
            {
                "name" => columns with { Name = column },
                "extent" => columns with { Extent = column },
                "opacity" => columns with { Opacity = column },
                "patient" => columns with { Patient = column },
                _ => columns with { Rater = column },
            };
        }
        return ReaderFile.Read(Path(parsed), columns);
    }

    static (string Key, string Column, bool IsSound) Split(string pair)
    {
        int at = pair.IndexOf('=');
        return at < 0 ? ("", "", false) : (pair[..at], pair[(at + 1)..], s_keys.Contains(pair[..at]) && at < pair.Length - 1);
    }
}
