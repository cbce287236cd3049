using System.CommandLine;
using System.CommandLine.Parsing;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Cli;

/// <summary>The options for where rows go, and in which format.</summary>
sealed class RowsOption
{
    readonly Option<string?> _path = new("--output", "-o")
    {
        Description = "Where results go. Rows of jsonl, csv and tsv are added to the file as they are made; text and json are put "
            + "in its place when complete.",
        HelpName = "FILE",
    };

    readonly Option<string?> _format = new("--format")
    {
        Description =
            "How results are printed: text, json (one array), jsonl (an object a line), csv or tsv. "
            + "Default: by the name of -o, else text.",
        HelpName = "text|json|jsonl|csv|tsv",
    };

    readonly Option<bool> _csvSafe = new("--csv-safe")
    {
        Description = "In csv and tsv, put an apostrophe before texts that begin with =, +, - or @, "
            + "which spreadsheets would take for formulas.",
    };

    readonly Option<bool> _bom = new("--bom")
    {
        Description = "Begin a new file of csv or tsv with a byte order mark, by which Excel knows UTF-8.",
    };

    readonly bool _isAddedTo;

    /// <param name="isAddedTo">Whether there has to be a file, in a format that rows can be added to.</param>
    public RowsOption(bool isAddedTo = false)
    {
        _isAddedTo = isAddedTo;
        if (isAddedTo)
        {
            _path.Description = "The file that rows are added to as they are made: .jsonl, .csv or .tsv. Files that have their rows in it "
                + "are not scored again.";
            _path.Required = true;
            _format.Description = "The rows' format: jsonl (an object a line), csv or tsv. Default: by the name of -o.";
            _format.HelpName = "jsonl|csv|tsv";
        }
        _format.AcceptOnlyFromAmong(_format.HelpName!.Split('|'));
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_path, _format, _csvSafe, _bom])
            command.Add(option);
        command.Validators.Add(parsed =>
        {
            ResultOutput output = Read(parsed);
            if (parsed.GetValue(_bom) && output.ActualFormat is not (ResultFormat.Csv or ResultFormat.Tsv))
                parsed.AddError("--bom is for csv and tsv.");
            if (_isAddedTo && parsed.GetValue(_path) is not null && !output.CanResume)
                parsed.AddError("Rows are added to a file: -o FILE.csv, FILE.tsv or FILE.jsonl.");
        });
    }

    /// <summary>What was given; a format that is none, which has its own error, counts as not given.</summary>
    public ResultOutput Read(CommandResult parsed) => new(parsed.GetValue(_path),
        Enum.TryParse(parsed.GetValue(_format), ignoreCase: true, out ResultFormat format) ? format : null,
        Resume: _isAddedTo, CsvSafe: parsed.GetValue(_csvSafe), Bom: parsed.GetValue(_bom));
}
