using SeverityEngine.Evaluation.Joins;
using SeverityEngine.Evaluation.Tables;

namespace SeverityEngine.Evaluation.Report;

/// <summary>What a report is made of, and how.</summary>
sealed record ReportRequest
{
    /// <summary>The files of rows.</summary>
    public required IReadOnlyList<string> Rows { get; init; }

    /// <summary>The readers' scores; null for none.</summary>
    public ReaderFile? Truth { get; init; }

    /// <summary>Where relative paths of images begin; null for the current folder.</summary>
    public string? Images { get; init; }

    /// <summary>Whether nothing may name an image: no file names, paths and UIDs.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>Whether there are pictures.</summary>
    public bool HasPictures { get; init; } = true;

    /// <summary>Which images are refused, and how DICOM files are read.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>Cores to use; 0 for all.</summary>
    public int Threads { get; init; }

    /// <summary>The command that the report says made it; it names nothing where the report is anonymous.</summary>
    public required string CommandLine { get; init; }

    /// <summary>When it is made.</summary>
    public required DateTimeOffset Date { get; init; }
}

/// <summary>The rows of a report and what belongs to them, all but pictures.</summary>
sealed class ReportData
{
    ReportData(IReadOnlyList<ResultSeries> series, IReadOnlyList<ReportRow> rows, IReadOnlyList<Table> sources)
    {
        Series = series;
        Rows = rows;
        Sources = sources;
    }

    /// <summary>The rows by the models that made them.</summary>
    public IReadOnlyList<ResultSeries> Series { get; }

    /// <summary>The rows, series by series, in the files' order.</summary>
    public IReadOnlyList<ReportRow> Rows { get; }

    /// <summary>The files of rows.</summary>
    public IReadOnlyList<Table> Sources { get; }

    /// <summary>The readers' scores beside the rows; null where there are none.</summary>
    public ReaderJoin? Join { get; private init; }

    /// <summary>The rows of a series.</summary>
    public IEnumerable<ReportRow> Of(int series) => Rows.Where(row => row.Series == series);

    /// <summary>Reads the files and joins them.</summary>
    /// <exception cref="SeverityException">
    /// One cannot be read; <see cref="SeverityError.InvalidArgument"/>: it holds no results, or the names don't tell images apart.
    /// </exception>
    public static ReportData Read(ReportRequest request)
    {
        Table[] sources = [.. request.Rows.Select(TableFile.Read)];
        IReadOnlyList<ResultSeries> series = ResultSeries.Of([.. sources.Select(ResultFile.Read)]);
        ReaderJoin? join = request.Truth is null ? null : ReaderJoin.Of(series, request.Truth);
        Dictionary<ResultRow, ReaderImage> readers = [];
        foreach (JoinedImage image in join?.Images ?? [])
        {
            foreach (ResultRow row in image.Rows.OfType<ResultRow>())
                readers.Add(row, image.Readers);
        }
        int number = 0;
        ReportRow[] rows = [.. series.SelectMany((s, i) => s.Rows.Select(row =>
            new ReportRow(++number, i, row, readers.GetValueOrDefault(row), request.IsAnonymous)))];
        return new ReportData(series, rows, sources) { Join = join };
    }
}
