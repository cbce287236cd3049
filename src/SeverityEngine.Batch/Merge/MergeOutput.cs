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
            (ResultFormat.Csv or ResultFormat.Tsv or ResultFormat.Jsonl or ResultFormat.Parquet) and { } actual
            ? actual
            : throw new SeverityException(SeverityError.InvalidArgument,
                $"-o {File}: its ending tells no format of rows; end it in .csv, .tsv, .jsonl or .parquet, or give --format");

    /// <summary>
    /// Refuses a name that tells no format, to replace a file without leave, and Parquet without the program that writes it; before
    /// anything is read.
    /// </summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>, <see cref="SeverityError.FileUnwritable"/>,
    /// <see cref="SeverityError.RuntimeUnavailable"/>.
    /// </exception>
    public void RequireReplaceable()
    {
        if (Actual == ResultFormat.Parquet)
            MergedParquet.RequireProgram(File ?? "-");
        if (File is not null)
            OutputGuard.RequireNew(File, Force);
    }

    /// <summary>Makes the writer.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="model">What made all rows; null where they are of several.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.FileUnwritable"/>; <see cref="SeverityError.RuntimeUnavailable"/>: what writes Parquet does not start.
    /// </exception>
    public IMergedRows Open(MergeColumns columns, MergeModel? model)
    {
        RowOutput output = File is null ? new StreamOutput(StandardStreams.OpenOutput()) : new ReplacedFile(File);
        return Actual switch
        {
            ResultFormat.Jsonl => new MergedJson(columns, output),
            ResultFormat.Parquet => new MergedParquet(columns, model, output),
            _ => new MergedCsv(columns, output, Actual == ResultFormat.Tsv ? '\t' : ',', CsvSafe),
        };
    }
}
