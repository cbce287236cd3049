namespace SeverityEngine.Batch.Rows;

/// <summary>How results are written.</summary>
enum ResultFormat
{
    /// <summary>For people.</summary>
    Text,
    /// <summary>One array.</summary>
    Json,
    /// <summary>An object a line.</summary>
    Jsonl,
    /// <summary>A heading, then a line a row, commas between the values.</summary>
    Csv,
    /// <summary>The same with tabs.</summary>
    Tsv,
    /// <summary>Columns, for programs that load millions of rows; of merged rows alone, as they are only good whole.</summary>
    Parquet,
}

/// <summary>Prints rows in one format.</summary>
interface IScoreWriter : IDisposable
{
    /// <summary>Prints a row; when this returns, all of it has been handed to the output.</summary>
    void Write(ScoreRow row);

    /// <summary>Ends the output.</summary>
    void Complete();
}

/// <summary>How a file of rows is read back: where a row ends, and what it says.</summary>
interface IRowFormat
{
    /// <summary>Whether a line's end inside double quotes belongs to the row.</summary>
    bool HasQuotes { get; }

    /// <summary>The first row, which is no image's, without its line's end; empty where there is none.</summary>
    string Heading { get; }

    /// <summary>How a first row, without its line's end, differs from the heading; null where it does not.</summary>
    string? HeadingFault(ReadOnlySpan<byte> row);

    /// <summary>Reads a row, without its line's end; false for what is none.</summary>
    bool TryRead(ReadOnlySpan<byte> row, out RowKey key);
}

/// <summary>What tells a row that a file holds from others.</summary>
/// <param name="File">The image, as it was named.</param>
/// <param name="Sha256">The hash of its bytes; null where it could not be read.</param>
/// <param name="Model">The model's name.</param>
/// <param name="ErrorCode">The error's name; null beside a score.</param>
readonly record struct RowKey(string File, string? Sha256, string? Model, string? ErrorCode)
{
    /// <summary>The error; None beside a score, and Internal where its name is none of this program's.</summary>
    public SeverityError Error => CodeOf(ErrorCode);

    /// <summary>The hash of the model's file.</summary>
    public string? ModelSha256 { get; init; }

    /// <summary>The files of its saliency map.</summary>
    public SaliencyPaths Maps { get; init; }

    /// <summary>The files of its DICOM results.</summary>
    public DicomPaths Dicom { get; init; }

    /// <summary>Whether it says what became of the image, as every row does.</summary>
    public bool HasOutcome => Model is not null || ErrorCode is not null;

    static SeverityError CodeOf(string? name) => name is null ? SeverityError.None
        : Enum.GetValues<SeverityError>().FirstOrDefault(e => e.Name() == name, SeverityError.Internal);
}
