using System.Globalization;
using System.Text;
using SeverityEngine.IO;

namespace SeverityEngine.Evaluation.Agreement;

/// <summary>An evaluation as tables for people.</summary>
static class EvaluationText
{
    const string Gap = "  ";

    /// <summary>Writes it, each line with its end.</summary>
    public static string Write(ReaderEvaluation evaluation)
    {
        StringBuilder text = new();
        AddScores(text, evaluation);
        AddDifferences(text, evaluation);
        AddGroups(text, evaluation);
        AddRaters(text, evaluation);
        text.Append(Resampling(evaluation)).Append('\n');
        return text.ToString();
    }

    /// <summary>A column for each series and score, a line for each figure.</summary>
    static void AddScores(StringBuilder text, ReaderEvaluation evaluation)
    {
        for (int s = 0; s < evaluation.Join.Series.Count; s++)
        {
            IReadOnlyList<ScoreAgreement> scores = evaluation.Scores[s];
            text.Append(Label(evaluation, s)).Append('\n');
            List<string[]> lines = [["", .. scores.Select(Heading)], ["images", .. scores.Select(a => Whole(a.Figures.Count))]];
            lines.AddRange(AgreementFigure.All.Select(figure =>
                (string[])[figure.Title, .. scores.Select(a => AgreementFigure.Text(figure.Value(a), figure.Interval(a)))]));
            // Both scores have thresholds of their own.
            foreach (double threshold in scores.SelectMany(a => a.Figures.Discrimination).Select(d => d.Threshold).Distinct().Order())
            {
                lines.Add([string.Create(CultureInfo.InvariantCulture, $"AUC, readers' score {threshold} or more"),
                    .. scores.Select(a => Auc(a, threshold))]);
            }
            if (scores.Any(a => a.Coverage is not null))
                lines.Add(["readers' scores in the model's intervals", .. scores.Select(Coverage)]);
            Append(text, lines);
            text.Append('\n');
        }
    }

    static void AddDifferences(StringBuilder text, ReaderEvaluation evaluation)
    {
        foreach (IGrouping<(int First, int Second), SeriesDifference> pair in evaluation.Differences.GroupBy(d => (d.First, d.Second)))
        {
            text.Append(Label(evaluation, pair.Key.Second)).Append(" less ").Append(Label(evaluation, pair.Key.First))
                .Append(", on the images that both scored\n");
            List<string[]> lines = [["", .. pair.Select(d => d.Kind.Title)], ["images", .. pair.Select(d => Whole(d.FirstFigures.Count))]];
            lines.AddRange(AgreementFigure.Compared.Select(figure => (string[])[figure.Title, .. pair.Select(d =>
                AgreementFigure.Text(d.Difference(figure.Measure!.Value), d.Interval(figure.Measure.Value)))]));
            Append(text, lines);
            text.Append('\n');
        }
    }

    static void AddGroups(StringBuilder text, ReaderEvaluation evaluation)
    {
        if (evaluation.Groups.Count == 0)
            return;
        foreach (ScoreKind kind in ScoreKinds.All)
        {
            List<string[]> lines = [];
            for (int s = 0; s < evaluation.Join.Series.Count; s++)
            {
                foreach (AgreementGroup group in evaluation.Groups)
                {
                    if (group.Scores[s].FirstOrDefault(a => a.Kind == kind) is not { } agreement)
                        continue;
                    lines.Add([Printable.Text(group.Value ?? "(none)"), Label(evaluation, s), Whole(agreement.Figures.Count),
                        .. ShownOfGroups.Select(f => AgreementFigure.Text(f.Value(agreement), f.Interval(agreement)))]);
                }
            }
            if (lines.Count == 0)
                continue;
            text.Append(CultureInfo.InvariantCulture, $"{kind.Title} by {Printable.Text(evaluation.By!)}\n");
            Append(text, [["", "model", "images", .. ShownOfGroups.Select(f => f.Title)], .. lines]);
            text.Append('\n');
        }
    }

    static IEnumerable<AgreementFigure> ShownOfGroups =>
        AgreementFigure.All.Where(f => f.Key is "mae" or "bias" or "r2" or "pearson");

    static void AddRaters(StringBuilder text, ReaderEvaluation evaluation)
    {
        for (int s = 0; s < evaluation.Raters.Count; s++)
        {
            foreach ((ScoreKind kind, RaterAgreement raters) in evaluation.Raters[s])
            {
                IntraclassCorrelation? between = raters.BetweenRaters;
                text.Append(CultureInfo.InvariantCulture, $"{kind.Title}: readers among themselves, and {Label(evaluation, s)}\n")
                    .Append("ICC(2,1) between readers ").Append(AgreementFigure.Text(between?.Agreement, between?.AgreementInterval))
                    .Append(CultureInfo.InvariantCulture, $" on {Amount.Of(raters.CompleteImages, "image")} that all scored\n");
                Append(text, [["reader", "images", "from the other readers", "model from the other readers", "model from this reader"],
                    .. raters.Raters.Select(r => (string[])[Printable.Text(r.Rater), Whole(r.Model.Count),
                        AgreementFigure.Text(r.DifferenceFromOthers), AgreementFigure.Text(r.ModelDifferenceFromOthers),
                        AgreementFigure.Text(r.Model.MeanAbsoluteError)])]);
                text.Append("(mean absolute differences)\n\n");
            }
        }
    }

    static string Resampling(ReaderEvaluation evaluation)
    {
        int most = evaluation.Scores.SelectMany(s => s).Max(a => a.Patients);
        string of = Amount.Of(most, evaluation.ResamplesPatients ? "patient" : "image");
        string intervals = string.Create(CultureInfo.InvariantCulture,
            $"[95 % intervals] by {AgreementBootstrap.Resamples:N0} bootstrap resamples of {of}; of the limits of agreement by formula.");
        return evaluation.ResamplesPatients ? intervals
            : intervals + "\nWhere images share patients these are too narrow: give the readers' file a column patientid.";
    }

    static string Heading(ScoreAgreement agreement) => string.Create(CultureInfo.InvariantCulture,
        $"{agreement.Kind.Title} ({agreement.Kind.Range.Lowest}-{agreement.Kind.Range.Highest})");

    static string Auc(ScoreAgreement agreement, double threshold)
    {
        foreach (ThresholdAuc area in agreement.Figures.Discrimination)
        {
            if (area.Threshold == threshold)
                return string.Create(CultureInfo.InvariantCulture, $"{area.Auc:0.00} ({Amount.Of(area.Positives, "image")})");
        }
        return "";
    }

    static string Coverage(ScoreAgreement agreement) => agreement.Coverage is not { } c ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{100.0 * c.Inside / c.Images:0} % of {c.Images} (made for {100 * c.Level:0} %)");

    static string Label(ReaderEvaluation evaluation, int series) => Printable.Text(evaluation.Join.Series[series].Label);

    static string Whole(int count) => count.ToString(CultureInfo.InvariantCulture);

    /// <summary>Lines in columns as wide as their widest text, the first flush left.</summary>
    static void Append(StringBuilder text, List<string[]> lines)
    {
        int[] widths = [.. Enumerable.Range(0, lines[0].Length).Select(c => lines.Max(l => l[c].Length))];
        foreach (string[] line in lines)
        {
            StringBuilder row = new(line[0].PadRight(widths[0]));
            for (int c = 1; c < line.Length; c++)
                row.Append(Gap).Append(line[c].PadRight(widths[c]));
            text.Append(row.ToString().TrimEnd()).Append('\n');
        }
    }
}
