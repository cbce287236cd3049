using SeverityEngine.Batch.Pipeline;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>The place and the format of results.</summary>
/// <param name="Path">A file; null or - for standard output.</param>
/// <param name="Format">The format; null for the one that the file's name tells, else text.</param>
/// <param name="Resume">Whether rows that the file holds are kept and not made again.</param>
/// <param name="Append">Whether new rows come after those that the file holds.</param>
/// <param name="Quiet">Whether warnings are left out.</param>
/// <param name="CsvSafe">Whether csv and tsv shield spreadsheets from texts that they would take for formulas.</param>
/// <param name="Bom">Whether a new file of csv or tsv begins with UTF-8's byte order mark, for Excel.</param>
/// <param name="Force">Whether the file is replaced whatever it holds.</param>
sealed record ResultOutput(
    string? Path, ResultFormat? Format, bool Resume = false, bool Append = false, bool Quiet = false, bool CsvSafe = false,
    bool Bom = false, bool Force = false)
{
    /// <summary>Told of each row that the file holds, where a run keeps its own index of them; null for one that does not.</summary>
    public Action<RowKey>? Found { get; init; }

    /// <summary>The file's path; null for standard output.</summary>
    public string? File => Path is null or "-" ? null : Path;

    /// <summary>The format that is written.</summary>
    public ResultFormat ActualFormat => Format ?? FormatOf(File) ?? ResultFormat.Text;

    /// <summary>The format that a file's name tells; null where it tells none.</summary>
    public static ResultFormat? FormatOf(string? file) => System.IO.Path.GetExtension(file ?? "").ToLowerInvariant() switch
    {
        ".json" => ResultFormat.Json,
        ".jsonl" or ".ndjson" => ResultFormat.Jsonl,
        ".csv" => ResultFormat.Csv,
        ".tsv" => ResultFormat.Tsv,
        ".parquet" => ResultFormat.Parquet,
        _ => null,
    };

    /// <summary>The ending of the file's name that tells no format, where none is given; null for none.</summary>
    string? UnknownEnding => Format is null && File is not null && !FileStatus.IsStream(File)
        && System.IO.Path.GetExtension(File) is { Length: > 0 } ending
        && ActualFormat == ResultFormat.Text && !ending.Equals(".txt", StringComparison.OrdinalIgnoreCase) ? ending : null;

    /// <summary>Whether rows can be added to the file, and a run resumed.</summary>
    public bool CanResume => File is not null
        && ActualFormat is ResultFormat.Jsonl or ResultFormat.Csv or ResultFormat.Tsv && !FileStatus.IsStream(File);

    /// <summary>Refuses a name whose ending tells no format, and to replace a file that holds no results in this one.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>, <see cref="SeverityError.FileUnwritable"/>.
    /// </exception>
    public void RequireReplaceable()
    {
        if (UnknownEnding is { } ending)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"-o {File}: '{ending}' is no format; end it in .csv, .tsv, .jsonl, .json or .txt, or give --format");
        }
        if (ActualFormat == ResultFormat.Parquet)
        {
            string rows = System.IO.Path.ChangeExtension(File, ".jsonl")!;
            throw new SeverityException(SeverityError.InvalidArgument,
                $"-o {File}: Parquet is made of rows that are there; name {rows} here, then run 'severity merge {rows} -o {File}'");
        }
        // Rows are added to, never replaced, and RowFile reads them.
        if (File is not null && ActualFormat is ResultFormat.Json)
            OutputGuard.RequireKind(File, "a file of results in json", IsJson, Force);
        else if (File is not null && ActualFormat is ResultFormat.Text)
            OutputGuard.RequireKind(File, "a file of results in text", IsText, Force);
    }

    /// <summary>Opens the output.</summary>
    /// <param name="schema">What rows say.</param>
    /// <param name="host">Hears of what is odd.</param>
    /// <exception cref="SeverityException">It cannot be written, or holds something else.</exception>
    public RowOutput Open(RowSchema schema, IRunHost host)
    {
        if (File is null)
            return new StreamOutput(StandardStreams.OpenOutput());
        if (CanResume)
            return OpenRows(File, schema, host);
        return FileStatus.IsStream(File) ? new StreamOutput(AtomicFile.Create(File)) : new ReplacedFile(File);
    }

    /// <summary>The writer of the format.</summary>
    /// <param name="output">Where it writes.</param>
    /// <param name="schema">As for <see cref="Open"/>.</param>
    /// <param name="model">Gives the model, for the heading of a table in text; null for one image, which needs none.</param>
    public IScoreWriter Writer(RowOutput output, RowSchema schema, Func<ModelInfo>? model) => ActualFormat switch
    {
        ResultFormat.Json => new JsonRows(schema).Writer(output, asArray: true),
        ResultFormat.Jsonl => new JsonRows(schema).Writer(output, asArray: false),
        ResultFormat.Csv or ResultFormat.Tsv => Csv(schema).Writer(output),
        _ => new TextRows(schema, output, model),
    };

    RowFile OpenRows(string path, RowSchema schema, IRunHost host)
    {
        RowFile file = new(path, ActualFormat == ResultFormat.Jsonl ? new JsonRows(schema) : Csv(schema), Quiet ? null : host, Force,
            Found);
        if (Resume || Append || file.Held.Count == 0)
            return file;
        file.Dispose();
        throw new SeverityException(SeverityError.InvalidArgument,
            $"{path}: holds {Amount.Of(file.Held.Count, "row")} already; --resume leaves out the images that have theirs, "
            + "--append adds new rows to them all the same, --force replaces them, or name another file");
    }

    CsvRows Csv(RowSchema schema) => new(schema, CsvSafe, ActualFormat == ResultFormat.Tsv ? '\t' : ',', Bom);

    static bool IsJson(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> text = start.TrimStart(" \r\n"u8);
        if (!text.StartsWith("["u8))
            return false;
        text = text[1..].TrimStart(" \r\n"u8);
        return text.StartsWith("]"u8) || (text.StartsWith("{"u8) && text[1..].TrimStart(" \r\n"u8).StartsWith("\"file\":"u8));
    }

    /// <summary>Scores of one image, or the table of several.</summary>
    static bool IsText(ReadOnlySpan<byte> start) => start.StartsWith("geographic_extent ("u8);
}
