using SeverityEngine.Batch.Pipeline;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>The place and the format of results.</summary>
/// <param name="Path">A file; null or - for standard output.</param>
/// <param name="Format">The format; null for the one that the file's name tells, else text.</param>
/// <param name="Resume">Whether rows that the file holds are kept and not made again.</param>
/// <param name="Quiet">Whether warnings are left out.</param>
/// <param name="CsvSafe">Whether csv shields spreadsheets from texts that they would take for formulas.</param>
sealed record ResultOutput(string? Path, ResultFormat? Format, bool Resume, bool Quiet, bool CsvSafe = false)
{
    /// <summary>The file's path; null for standard output.</summary>
    public string? File => Path is null or "-" ? null : Path;

    static ReadOnlySpan<byte> TextScores => "geographic_extent ("u8;

    /// <summary>The format that is written.</summary>
    public ResultFormat ActualFormat => Format ?? System.IO.Path.GetExtension(File ?? "").ToLowerInvariant() switch
    {
        ".json" => ResultFormat.Json,
        ".jsonl" or ".ndjson" => ResultFormat.Jsonl,
        ".csv" => ResultFormat.Csv,
        _ => ResultFormat.Text,
    };

    /// <summary>Whether rows can be added to the file, and a run resumed.</summary>
    public bool CanResume => File is not null && ActualFormat is ResultFormat.Jsonl or ResultFormat.Csv && !FileStatus.IsStream(File);

    /// <summary>Refuses to replace a file that holds no results in this format.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>, <see cref="SeverityError.FileUnwritable"/>.
    /// </exception>
    public void RequireReplaceable()
    {
        // Rows are added to, never replaced, and RowFile reads them.
        if (File is not null && ActualFormat is ResultFormat.Json)
            OutputGuard.RequireKind(File, "a file of results in json", IsJson);
        else if (File is not null && ActualFormat is ResultFormat.Text)
            OutputGuard.RequireKind(File, "a file of results in text", IsText);
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
    /// <param name="named">Whether text names each image.</param>
    public IScoreWriter Writer(RowOutput output, RowSchema schema, bool named) => ActualFormat switch
    {
        ResultFormat.Json => new JsonRows(schema).Writer(output, asArray: true),
        ResultFormat.Jsonl => new JsonRows(schema).Writer(output, asArray: false),
        ResultFormat.Csv => new CsvRows(schema, CsvSafe).Writer(output),
        _ => new TextRows(schema, output, named),
    };

    RowFile OpenRows(string path, RowSchema schema, IRunHost host)
    {
        IRowFormat format = ActualFormat == ResultFormat.Csv ? new CsvRows(schema, CsvSafe) : new JsonRows(schema);
        RowFile file = new(path, format, Quiet ? null : host);
        if (!Resume && file.Held.Count > 0 && !Quiet)
            host.Warning(
                $"{path}: holds {file.Held.Count} rows already; new ones are added to them (--resume leaves out images that have theirs)");
        return file;
    }

    static bool IsJson(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> text = start.TrimStart(" \r\n"u8);
        if (!text.StartsWith("["u8))
            return false;
        text = text[1..].TrimStart(" \r\n"u8);
        return text.StartsWith("]"u8) || (text.StartsWith("{"u8) && text[1..].TrimStart(" \r\n"u8).StartsWith("\"file\":"u8));
    }

    /// <summary>Scores, below the image's name where there are several, or an error there.</summary>
    static bool IsText(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> second = start[(start.IndexOf((byte)'\n') + 1)..];
        return start.StartsWith(TextScores) || second.StartsWith(TextScores) || second.StartsWith("error ("u8);
    }
}
