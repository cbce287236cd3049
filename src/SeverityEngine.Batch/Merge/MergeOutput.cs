using SeverityEngine.Batch.Rows;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Merge;

/// <summary>The place and the format of merged rows.</summary>
/// <param name="Path">A file; null or - for standard output.</param>
/// <param name="Format">The format; null for the one that the file's name tells, else csv.</param>
/// <param name="CsvSafe">Whether csv and tsv shield spreadsheets from texts that they would take for formulas.</param>
/// <param name="Force">Whether the file is replaced whatever it holds.</param>
sealed record MergeOutput(string? Path, ResultFormat? Format, bool CsvSafe, bool Force)
{
    /// <summary>The file's path; null for standard output.</summary>
    public string? File => Path is null or "-" ? null : Path;

    /// <summary>Where the file will stand; for standard output the folder of temporary files.</summary>
    public string Folder => File is null || FileStatus.IsStream(File)
        ? System.IO.Path.GetTempPath() : System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(File))!;

    ResultFormat Actual =>
        (Format ?? (File is null ? ResultFormat.Csv : ResultOutput.FormatOf(File))) is
            (ResultFormat.Csv or ResultFormat.Tsv or ResultFormat.Jsonl) and { } actual
            ? actual
            : throw new SeverityException(SeverityError.InvalidArgument,
                $"-o {File}: its ending tells no format of rows; end it in .csv, .tsv or .jsonl, or give --format");

    /// <summary>Refuses a name that tells no format, and to replace a file without leave; before anything is read.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>, <see cref="SeverityError.FileUnwritable"/>.
    /// </exception>
    public void RequireReplaceable()
    {
        _ = Actual;
        if (File is not null)
            OutputGuard.RequireNew(File, Force);
    }

    /// <summary>Makes the writer.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>.</exception>
    public IMergedRows Open(MergeColumns columns)
    {
        RowOutput output = File is null ? new StreamOutput(StandardStreams.OpenOutput()) : new ReplacedFile(File);
        return Actual == ResultFormat.Jsonl ? new MergedJson(columns, output)
            : new MergedCsv(columns, output, Actual == ResultFormat.Tsv ? '\t' : ',', CsvSafe);
    }
}
