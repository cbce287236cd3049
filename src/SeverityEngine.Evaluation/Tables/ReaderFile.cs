namespace SeverityEngine.Evaluation.Tables;

/// <summary>The columns of a file of readers' scores; null for those that are found by their usual names.</summary>
sealed record ReaderColumns
{
    /// <summary>The image's name.</summary>
    public string? Name { get; init; }

    /// <summary>Geographic extent.</summary>
    public string? Extent { get; init; }

    /// <summary>Opacity.</summary>
    public string? Opacity { get; init; }

    /// <summary>The patient: images of one patient are no independent cases.</summary>
    public string? Patient { get; init; }

    /// <summary>Who gave the scores, where an image has a row for each reader.</summary>
    public string? Rater { get; init; }
}

/// <summary>What the readers say of one image.</summary>
/// <param name="Name">The image as the file names it.</param>
/// <param name="Patient">The patient; null where the file does not say.</param>
/// <param name="Scores">The scores of each reader; one entry where the file names no readers.</param>
/// <param name="Row">The image's first row, for what else it says.</param>
sealed record ReaderImage(string Name, string? Patient, IReadOnlyList<ReaderScore> Scores, TableRow Row)
{
    /// <summary>The mean of the readers' scores; null where none gave one.</summary>
    public double? Mean(ScoreKind kind)
    {
        double sum = 0;
        int count = 0;
        foreach (ReaderScore score in Scores)
        {
            if (score.Of(kind) is { } value)
            {
                sum += value;
                count++;
            }
        }
        return count > 0 ? sum / count : null;
    }
}

/// <summary>The scores of one reader for one image.</summary>
/// <param name="Rater">Who gave them; empty where the file does not say.</param>
/// <param name="GeographicExtent">Geographic extent, 0 to 8; null where not given.</param>
/// <param name="Opacity">Opacity, 0 to 6; null where not given.</param>
readonly record struct ReaderScore(string Rater, double? GeographicExtent, double? Opacity)
{
    /// <summary>A score; null where not given.</summary>
    public double? Of(ScoreKind kind) => kind == ScoreKind.GeographicExtent ? GeographicExtent : Opacity;
}

/// <summary>Readers' scores, from a file like the published <c>covid-severity-scores.csv</c> or one with a row for each reader.</summary>
/// <param name="Table">The file.</param>
/// <param name="Images">The images, in the file's order.</param>
/// <param name="HasPatients">Whether the file has a column of patients.</param>
/// <param name="HasRaters">Whether the file has a column of readers.</param>
sealed record ReaderFile(Table Table, IReadOnlyList<ReaderImage> Images, bool HasPatients, bool HasRaters)
{
    static readonly string[] s_names = ["filename", "file", "name", "image", "path"],
        s_extents = ["geographic_mean", "geographic_extent_mean", "geographic_extent", "extent"],
        s_opacities = ["opacity_mean", "opacity"], s_patients = ["patientid", "patient_id", "patient"], s_raters = ["rater", "reader"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Its columns, where they have other names than the usual ones.</param>
    /// <exception cref="SeverityException">
    /// It cannot be read; <see cref="SeverityError.InvalidArgument"/>: it lacks a column, a score is no number or beyond its range, or an
    /// image stands in it twice.
    /// </exception>
    public static ReaderFile Read(string path, ReaderColumns columns) => Read(TableFile.Read(path), columns);

    /// <summary>Reads a table.</summary>
    /// <inheritdoc cref="Read(string, ReaderColumns)"/>
    public static ReaderFile Read(Table table, ReaderColumns columns)
    {
        int name = Column(table, columns.Name, s_names), extent = Column(table, columns.Extent, s_extents),
            opacity = Column(table, columns.Opacity, s_opacities), patient = Column(table, columns.Patient, s_patients),
            rater = Column(table, columns.Rater, s_raters);
        if (name < 0)
            throw Missing(table, "images", s_names, "name");
        if (extent < 0 && opacity < 0)
            throw Missing(table, "scores", [.. s_extents, .. s_opacities], "extent");
        Dictionary<string, Entry> images = [];
        foreach (TableRow row in table.Rows)
        {
            string image = row.Text(name) ?? throw table.Fault(row, "it names no image; remove the line, or fill it in");
            string? who = row.Text(rater);
            if (rater >= 0 && who is null)
                throw table.Fault(row, $"it says no reader under '{table.Columns[rater]}'; fill it in");
            ReaderScore score = new(
                who ?? "", Score(table, row, extent, ScoreKind.GeographicExtent), Score(table, row, opacity, ScoreKind.Opacity));
            if (!images.TryGetValue(image, out Entry? entry))
                images.Add(image, entry = new Entry(image, row.Text(patient), row));
            entry.Add(table, row, row.Text(patient), score);
        }
        return new ReaderFile(table, [.. images.Values.Select(e => new ReaderImage(e.Name, e.Patient, e.Scores, e.First))],
            HasPatients: patient >= 0, HasRaters: rater >= 0);
    }

    static int Column(Table table, string? given, string[] usual)
    {
        if (given is null)
            return table.IndexOfAny(usual);
        int column = table.IndexOf(given);
        return column >= 0 ? column : throw new SeverityException(SeverityError.InvalidArgument,
            $"{table.Source}: has no column '{given}'; it has {string.Join(", ", table.Columns)}");
    }

    static double? Score(Table table, TableRow row, int column, ScoreKind kind)
    {
        double? value = table.Number(row, column);
        return value is null || (value >= kind.Range.Lowest && value <= kind.Range.Highest) ? value : throw table.Fault(row,
            $"'{row.Text(column)}' under '{table.Columns[column]}' is beyond the scale of {kind.Title}, {kind.Range.Lowest} to "
            + $"{kind.Range.Highest}; name the right column with --truth-columns, or convert the scores to this scale");
    }

    static SeverityException Missing(Table table, string what, string[] usual, string key) => new(SeverityError.InvalidArgument,
        $"{table.Source}: has no column of {what} ({string.Join(", ", usual)}); it has {string.Join(", ", table.Columns)}: "
        + $"say which it is with --truth-columns {key}=COLUMN");

    sealed class Entry(string name, string? patient, TableRow first)
    {
        public string Name => name;

        public string? Patient => patient;

        public TableRow First => first;

        public List<ReaderScore> Scores { get; } = [];

        public void Add(Table table, TableRow row, string? itsPatient, ReaderScore score)
        {
            if (itsPatient != patient)
                throw table.Fault(row, $"{name} is of another patient than in line {first.Line}; correct one of them");
            if (Scores.Any(s => s.Rater == score.Rater))
            {
                throw table.Fault(row, score.Rater.Length > 0
                    ? $"{score.Rater} scored {name} already; remove one of the lines"
                    : $"{name} stands in line {first.Line} already; remove one, or name the column of readers with "
                        + "--truth-columns rater=COLUMN");
            }
            Scores.Add(score);
        }
    }
}
