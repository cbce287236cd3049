using System.CommandLine;
using SeverityEngine.Evaluation.Tables;

namespace SeverityEngine.Cli.Evaluate;

/// <summary>The readers' scores that a command holds a model's against, and what their columns are called.</summary>
sealed class TruthOption
{
    readonly Option<string?> _truth;

    readonly Option<string?> _columns = new("--truth-columns")
    {
        Description = "What the columns of --truth are called, where they have other names than the usual ones: name (filename), extent "
            + "(geographic_mean), opacity (opacity_mean), patient (patientid), rater (rater), such as name=image,extent=geo.",
        HelpName = "WHAT=COLUMN,...",
    };

    /// <param name="required">Whether the command makes no sense without.</param>
    public TruthOption(bool required = true)
    {
        _truth = new("--truth")
        {
            Description = "The readers' scores: csv, tsv or json with a row for each image, or one for each image and reader. Images are "
                + "joined by name, else by name without the extension. Lines with # above the heading are comments.",
            HelpName = "EXPERTS.csv",
            Required = required,
        };
        _columns.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string text }] && Fault(text) is { } fault)
                result.AddError(fault);
        });
    }

    public void AddTo(Command command)
    {
        command.Add(_truth);
        command.Add(_columns);
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(_truth) is null && parsed.GetResult(_columns) is not null)
                parsed.AddError("--truth-columns names the columns of --truth; name that file.");
        });
    }

    /// <summary>The file; null where none is named.</summary>
    public string? Path(ParseResult parsed) => parsed.GetValue(_truth);

    /// <summary>The readers' scores; null where no file is named.</summary>
    /// <exception cref="SeverityException">It cannot be read.</exception>
    public ReaderFile? Read(ParseResult parsed) => parsed.GetValue(_truth) is { } path
        ? ReaderFile.Read(path, Columns(parsed.GetValue(_columns))) : null;

    static IEnumerable<(string What, string Column)> Parts(string text) => text.Split(',').Select(part => part.Split('=', 2))
        .Select(part => (part[0].Trim(), part.Length > 1 ? part[1].Trim() : ""));

    static string? Fault(string text)
    {
        foreach ((string what, string column) in Parts(text))
        {
            if (column.Length == 0 || what is not ("name" or "extent" or "opacity" or "patient" or "rater"))
                return $"--truth-columns {text}: '{what}' has to be name, extent, opacity, patient or rater, with =COLUMN behind it.";
        }
        return null;
    }

    static ReaderColumns Columns(string? text)
    {
        ReaderColumns columns = new();
        foreach ((string what, string column) in text is null ? [] : Parts(text))
        {
            columns = what switch
            {
                "name" => columns with { Name = column },
                "extent" => columns with { Extent = column },
                "opacity" => columns with { Opacity = column },
                "patient" => columns with { Patient = column },
                _ => columns with { Rater = column },
            };
        }
        return columns;
    }
}
