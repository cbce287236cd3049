using SeverityEngine.Evaluation.Joins;
using SeverityEngine.Evaluation.Tables;
using SeverityEngine.IO;

namespace SeverityEngine.Evaluation.Agreement;

/// <summary>Everything that is said of rows beside readers' scores.</summary>
sealed class ReaderEvaluation
{
    readonly ReaderFile _readers;
    readonly CancellationToken _cancellation;

    /// <summary>Computes it.</summary>
    /// <param name="join">The rows beside the readers' scores.</param>
    /// <param name="readers">The readers' scores.</param>
    /// <param name="by">A column of either by whose values images are grouped; null for no groups.</param>
    /// <param name="insideDomain">Whether images that rows say are outside the model's domain are left out.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: no image has both, or nothing has the column.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public ReaderEvaluation(ReaderJoin join, ReaderFile readers, string? by, bool insideDomain, CancellationToken cancellation)
    {
        _readers = readers;
        _cancellation = cancellation;
        Join = join;
        By = by;
        InsideDomainAlone = insideDomain;
        Scores = AllOf(join.Images);
        if (Scores.All(scores => scores.Count == 0))
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{readers.Table.Source}: none of its images has scores in {string.Join(", ", join.Series.SelectMany(s => s.Sources))}; "
                + NamesOf(join));
        }
        Differences = [.. Enumerable.Range(1, Math.Max(0, join.Series.Count - 1)).SelectMany(s => ScoreKinds.All
            .Select(kind => Compare(0, s, kind)).OfType<SeriesDifference>())];
        Groups = by is null ? [] : GroupsBy(by);
        Raters = readers.HasRaters ? [.. Enumerable.Range(0, join.Series.Count).Select(RatersOf)] : [];
    }

    /// <summary>The rows beside the readers' scores.</summary>
    public ReaderJoin Join { get; }

    /// <summary>The column of the groups; null for none.</summary>
    public string? By { get; }

    /// <summary>Whether images outside the model's domain are left out.</summary>
    public bool InsideDomainAlone { get; }

    /// <summary>Whether patients, not images, were resampled.</summary>
    public bool ResamplesPatients => _readers.HasPatients;

    /// <summary>For each series its scores.</summary>
    public IReadOnlyList<IReadOnlyList<ScoreAgreement>> Scores { get; }

    /// <summary>Every other series beside the first.</summary>
    public IReadOnlyList<SeriesDifference> Differences { get; }

    /// <summary>The images by the values of <see cref="By"/>, in the order of their values.</summary>
    public IReadOnlyList<AgreementGroup> Groups { get; }

    /// <summary>For each series and score the readers among themselves and the model; empty where the file names no readers.</summary>
    public IReadOnlyList<IReadOnlyList<(ScoreKind Kind, RaterAgreement Agreement)>> Raters { get; }

    /// <summary>How many of a series' joined images are outside the model's domain.</summary>
    public int OutsideDomain(int series) => Join.Images.Count(i => i.Rows[series] is { IsOutside: true });

    /// <summary>How either side names images, where nothing fits.</summary>
    static string NamesOf(ReaderJoin join)
    {
        string? row = join.Series.SelectMany(s => s.Rows).Select(r => r.File).FirstOrDefault();
        return join.Images is [JoinedImage image, ..] && row is not null
            ? $"it names images as '{image.Readers.Name}', and the rows as '{Printable.Text(row)}'; name them alike"
            : "name files that hold rows of the same images";
    }

    List<IReadOnlyList<ScoreAgreement>> AllOf(IReadOnlyList<JoinedImage> images) =>
        [.. Enumerable.Range(0, Join.Series.Count).Select(s => ScoreKinds.All
            .Select(kind => Agreement(images, s, kind)).OfType<ScoreAgreement>().ToArray())];

    ScoreAgreement? Agreement(IReadOnlyList<JoinedImage> images, int series, ScoreKind kind)
    {
        List<JoinedImage> pairs = Pairs(images, series, kind);
        if (pairs.Count == 0)
            return null;
        double[] truth = Truth(pairs, kind), prediction = Prediction(pairs, series, kind);
        AgreementBootstrap bootstrap = Bootstrap(pairs, truth);
        return new ScoreAgreement(kind, AgreementStatistics.Of(truth, prediction, kind), bootstrap.Intervals(prediction, _cancellation),
            bootstrap.Patients, Coverage(pairs, series, kind));
    }

    SeriesDifference? Compare(int first, int second, ScoreKind kind)
    {
        List<JoinedImage> pairs = Pairs(Pairs(Join.Images, first, kind), second, kind);
        if (pairs.Count == 0)
            return null;
        double[] truth = Truth(pairs, kind), one = Prediction(pairs, first, kind), other = Prediction(pairs, second, kind);
        return new SeriesDifference(first, second, kind, AgreementStatistics.Of(truth, one, kind),
            AgreementStatistics.Of(truth, other, kind), Bootstrap(pairs, truth).Differences(other, one, _cancellation));
    }

    List<AgreementGroup> GroupsBy(string column)
    {
        bool isReaders = _readers.Table.IndexOf(column) >= 0;
        if (!isReaders && !Join.Series.SelectMany(s => s.Rows).Any(r => r.Table.IndexOf(column) >= 0))
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"--by {column}: neither {_readers.Table.Source} nor the rows have this column; "
                + $"{_readers.Table.Source} has {string.Join(", ", _readers.Table.Columns)}");
        }
        return [.. Join.Images.GroupBy(Value).OrderBy(g => g.Key ?? "", NaturalOrder.Instance)
            .Select(g => new AgreementGroup(g.Key, AllOf([.. g]))).Where(g => g.Scores.Any(s => s.Count > 0))];

        string? Value(JoinedImage image) => isReaders
            ? image.Readers.Row.Text(_readers.Table.IndexOf(column)) : image.Rows.OfType<ResultRow>().FirstOrDefault()?.Text(column);
    }

    (ScoreKind, RaterAgreement)[] RatersOf(int series)
    {
        string[] raters = [.. _readers.Images.SelectMany(i => i.Scores).Select(s => s.Rater).Distinct()];
        return [.. ScoreKinds.All.Select(kind => (kind, Pairs: Pairs(Join.Images, series, kind))).Where(k => k.Pairs.Count > 0)
            .Select(k => (k.kind, RaterAgreement.Of(raters,
                [.. k.Pairs.Select(i => raters.Select(r => Of(i.Readers, r, k.kind)).ToArray())],
                Prediction(k.Pairs, series, k.kind), k.kind)))];

        static double? Of(ReaderImage image, string rater, ScoreKind kind)
        {
            foreach (ReaderScore score in image.Scores)
            {
                if (score.Rater == rater)
                    return score.Of(kind);
            }
            return null;
        }
    }

    static IntervalCoverage? Coverage(List<JoinedImage> pairs, int series, ScoreKind kind)
    {
        int images = 0, inside = 0;
        double? level = null;
        foreach (JoinedImage image in pairs)
        {
            ResultRow row = image.Rows[series]!;
            if (row.IntervalLevel is not { } its || row.Interval(kind) is not { } interval)
                continue;
            level ??= its;
            // Rows of several levels have no one share to be held against.
            if (its != level)
                return null;
            images++;
            double truth = image.Readers.Mean(kind)!.Value;
            inside += truth >= interval.Lowest && truth <= interval.Highest ? 1 : 0;
        }
        return level is { } known && images > 0 ? new IntervalCoverage(known, images, inside) : null;
    }

    AgreementBootstrap Bootstrap(List<JoinedImage> pairs, double[] truth) =>
        new(truth, _readers.HasPatients ? [.. pairs.Select(i => i.Readers.Patient)] : null);

    List<JoinedImage> Pairs(IReadOnlyList<JoinedImage> images, int series, ScoreKind kind) =>
        [.. images.Where(i => i.Rows[series]?.Score(kind) is not null && i.Readers.Mean(kind) is not null
            && !(InsideDomainAlone && i.Rows[series]!.IsOutside))];

    static double[] Truth(List<JoinedImage> pairs, ScoreKind kind) => [.. pairs.Select(i => i.Readers.Mean(kind)!.Value)];

    static double[] Prediction(List<JoinedImage> pairs, int series, ScoreKind kind) =>
        [.. pairs.Select(i => i.Rows[series]!.Score(kind)!.Value)];
}
