using SeverityEngine.Evaluation.Tables;
using SeverityEngine.IO;

namespace SeverityEngine.Evaluation.Joins;

/// <summary>The rows of one model, which are judged together: one file of rows, or several that share no image.</summary>
sealed class ResultSeries
{
    readonly Dictionary<string, ResultRow> _rows = [];
    readonly List<string> _sources = [];

    ResultSeries(ResultModel model) => Model = model;

    /// <summary>The model.</summary>
    public ResultModel Model { get; }

    /// <summary>What it is called beside others.</summary>
    public string Label { get; private set; } = "";

    /// <summary>The files of rows.</summary>
    public IReadOnlyList<string> Sources => _sources;

    /// <summary>The rows, one for each image, in the files' order.</summary>
    public IReadOnlyCollection<ResultRow> Rows => _rows.Values;

    /// <summary>
    /// Sorts rows by the models that made them. Files of one model that share no image are parts of one run; those that share images are
    /// runs of their own, which are shown side by side.
    /// </summary>
    /// <param name="files">The rows of each file.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: a file has two rows of one model for an image, and they say different things.
    /// </exception>
    public static IReadOnlyList<ResultSeries> Of(IReadOnlyList<IReadOnlyList<ResultRow>> files)
    {
        List<ResultSeries> all = [];
        foreach (IReadOnlyList<ResultRow> file in files)
        {
            // A file without scores, errors alone, names no model.
            foreach (IGrouping<ResultModel, ResultRow> model in file.GroupBy(row => row.Model))
            {
                ResultSeries part = new(model.Key);
                foreach (ResultRow row in model)
                    part.Add(row);
                ResultSeries? begun = all.Find(s => s.Model == part.Model && !s.SharesImages(part));
                if (begun is null)
                    all.Add(part);
                else
                    begun.Take(part);
            }
        }
        foreach (ResultSeries series in all)
        {
            bool isAlone = all.Count(other => other.Model.ToString() == series.Model.ToString()) == 1;
            series.Label = isAlone ? series.Model.ToString() : $"{series.Model} ({string.Join(", ", series.Sources)})";
        }
        return all;
    }

    void Add(ResultRow row)
    {
        if (_sources.Count == 0)
            _sources.Add(row.Table.Source);
        if (_rows.TryAdd(row.File, row))
            return;
        ResultRow first = _rows[row.File];
        if (first.Error is not null)
            _rows[row.File] = row; // It was tried again.
        else if (row.Error is null && (first.GeographicExtent != row.GeographicExtent || first.Opacity != row.Opacity))
        {
            throw row.Table.Fault(row.Row,
                $"{Printable.Text(row.File)} has other scores than in line {first.Row.Line}, by the same model; keep one of them");
        }
    }

    bool SharesImages(ResultSeries other) => other._rows.Keys.Any(_rows.ContainsKey);

    void Take(ResultSeries part)
    {
        _sources.AddRange(part._sources);
        foreach ((string file, ResultRow row) in part._rows)
            _rows.Add(file, row);
    }
}
