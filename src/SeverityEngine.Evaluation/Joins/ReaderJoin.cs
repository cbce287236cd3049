using SeverityEngine.Evaluation.Tables;
using SeverityEngine.IO;

namespace SeverityEngine.Evaluation.Joins;

/// <summary>An image with readers' scores, and the row that each series has for it.</summary>
/// <param name="Readers">What the readers say.</param>
/// <param name="Rows">What each series says, in the series' order; null where it has no row for the image.</param>
sealed record JoinedImage(ReaderImage Readers, IReadOnlyList<ResultRow?> Rows);

/// <summary>
/// Readers' scores beside a model's: joined by the image's path where the readers' file has one, else by its file name, else by its name
/// without the extension, so that <c>a.dcm</c> finds the scores of <c>a.png</c>.
/// </summary>
sealed class ReaderJoin
{
    ReaderJoin(IReadOnlyList<ResultSeries> series, IReadOnlyList<JoinedImage> images)
    {
        Series = series;
        Images = images;
    }

    /// <summary>The rows by the models that made them.</summary>
    public IReadOnlyList<ResultSeries> Series { get; }

    /// <summary>The images of the readers' file, in its order, those without a row too.</summary>
    public IReadOnlyList<JoinedImage> Images { get; }

    /// <summary>Images of the readers' file that a series has no row for.</summary>
    public IEnumerable<string> WithoutRow(int series) =>
        Images.Where(i => i.Rows[series] is null).Select(i => i.Readers.Name);

    /// <summary>Images of the readers' file for which a series' row says an error, and the error.</summary>
    public IEnumerable<(string Name, string Error)> WithError(int series) =>
        Images.Where(i => i.Rows[series]?.Error is not null).Select(i => (i.Readers.Name, i.Rows[series]!.Error!));

    /// <summary>Images of a series that the readers' file does not name.</summary>
    public IEnumerable<string> WithoutReaders(int series)
    {
        HashSet<ResultRow> joined = [.. Images.Select(i => i.Rows[series]).OfType<ResultRow>()];
        return Series[series].Rows.Where(row => !joined.Contains(row)).Select(row => row.File);
    }

    /// <summary>Joins.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: a name fits several images, or an image several names. The message has them.
    /// </exception>
    public static ReaderJoin Of(IReadOnlyList<ResultSeries> series, ReaderFile readers)
    {
        ResultRow?[][] rows = [.. series.Select(s => Join(s, readers))];
        return new ReaderJoin(series, [.. readers.Images.Select((image, i) => new JoinedImage(image, [.. rows.Select(r => r[i])]))]);
    }

    static ResultRow?[] Join(ResultSeries series, ReaderFile readers)
    {
        ILookup<string, ResultRow> byFile = series.Rows.ToLookup(r => Slashes(r.File));
        ILookup<string, ResultRow> byName = series.Rows.ToLookup(r => r.Name);
        ILookup<string, ResultRow> byStem = series.Rows.ToLookup(r => StemOf(r.File));
        ResultRow?[] joined = new ResultRow?[readers.Images.Count];
        Dictionary<ResultRow, ReaderImage> taken = [];
        for (int i = 0; i < joined.Length; i++)
        {
            ReaderImage image = readers.Images[i];
            string path = Slashes(image.Name), name = ResultRow.NameOf(path);
            ResultRow[] found = [.. byFile[path]];
            if (found.Length == 0 && path != name)
                found = [.. byName[name].Where(r => Slashes(r.File).EndsWith($"/{path}", StringComparison.Ordinal))];
            if (found.Length == 0)
                found = [.. byName[name]];
            if (found.Length == 0)
                found = [.. byStem[name], .. byStem[StemOf(name)], .. byName[StemOf(name)]];
            if (found.Distinct().Count() > 1)
            {
                throw readers.Table.Fault(image.Row,
                    $"'{image.Name}' fits {Printable.Text(found[0].File)} and {Printable.Text(found[1].File)} of {found[0].Table.Source}; "
                    + "name images with their folders there, as in the rows");
            }
            if (found is not [ResultRow row, ..])
                continue;
            joined[i] = row;
            if (!taken.TryAdd(row, image))
            {
                throw readers.Table.Fault(image.Row, $"'{image.Name}' and '{taken[row].Name}' in line {taken[row].Row.Line} both fit "
                    + $"{Printable.Text(row.File)} of {row.Table.Source}; name images with their extensions, as in the rows");
            }
        }
        return joined;
    }

    static string Slashes(string path) => path.Replace('\\', '/');

    /// <summary>The name without its extension. What has no letter is no extension, but the end of a number, such as a UID.</summary>
    static string StemOf(string path)
    {
        string name = ResultRow.NameOf(path);
        string extension = Path.GetExtension(name);
        return extension.Length is > 1 and <= 6 && extension.Any(char.IsAsciiLetter) ? name[..^extension.Length] : name;
    }
}
