using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Evaluation.Tables;

/// <summary>Reads rows of results: this program's in csv, tsv, jsonl and json, and other tables with the same columns.</summary>
static class ResultFile
{
    static readonly string[] s_names = [RowSchema.File.Name, "filename", "name", "image", "path"];

    /// <summary>Whether a table holds results: it names images, and has at least one of the two scores.</summary>
    public static bool Is(Table table) =>
        table.IndexOfAny(s_names) >= 0 && ScoreKinds.All.Any(kind => table.IndexOf(kind.Key) >= 0);

    /// <summary>Reads the rows of a file.</summary>
    /// <exception cref="SeverityException">
    /// It cannot be read; <see cref="SeverityError.InvalidArgument"/>: it holds no results, or a score that is no number.
    /// </exception>
    public static IReadOnlyList<ResultRow> Read(string path) => Read(TableFile.Read(path));

    /// <summary>Reads the rows of a table.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: it holds no results, or a score that is no number.
    /// </exception>
    public static IReadOnlyList<ResultRow> Read(Table table)
    {
        if (!Is(table))
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{table.Source}: holds no results: it has no column '{RowSchema.File.Name}' with "
                + $"'{ScoreKind.GeographicExtent.Key}' or '{ScoreKind.Opacity.Key}'; name a file that 'severity predict -o' wrote");
        }
        int file = table.IndexOfAny(s_names), model = table.IndexOf(RowSchema.Model.Name), version = table.IndexOf("model_version"),
            hash = table.IndexOf(RowSchema.ModelSha256.Name), extent = table.IndexOf(ScoreKind.GeographicExtent.Key),
            opacity = table.IndexOf(ScoreKind.Opacity.Key), error = table.IndexOfAny("error", RowSchema.ErrorCode.Name);
        List<ResultRow> rows = new(table.Rows.Count);
        foreach (TableRow row in table.Rows)
        {
            rows.Add(new ResultRow
            {
                File = CsvRows.WithoutApostrophe(
                    row.Text(file) ?? throw table.Fault(row, "it names no image; a row begins with the image's file")),
                Model = new(row.Text(model) ?? "", row.Text(version) ?? "", row.Text(hash) ?? ""),
                GeographicExtent = table.Number(row, extent),
                Opacity = table.Number(row, opacity),
                Error = row.Text(error),
                Table = table,
                Row = row,
            });
        }
        return rows;
    }
}
