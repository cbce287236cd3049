using System.Globalization;
using SeverityEngine.Evaluation.Joins;
using SeverityEngine.IO;

namespace SeverityEngine.Evaluation.Report;

/// <summary>How a report's scores agree with readers' scores: figures and plots for each model and score.</summary>
/// <param name="html">Where it goes.</param>
/// <param name="data">The rows.</param>
/// <param name="join">The readers' scores beside them.</param>
sealed class ReportAgreement(HtmlWriter html, ReportData data, ReaderJoin join)
{
    /// <summary>Writes the section.</summary>
    public void Write()
    {
        html.Write($"<section id=\"agreement\" aria-labelledby=\"h-agreement\"><h2 id=\"h-agreement\">Agreement with readers</h2>");
        (int Series, ScoreKind Kind, ScorePair[] Pairs, AgreementStatistics Figures)[] all =
        [
            .. from series in Enumerable.Range(0, data.Series.Count)
               from kind in ScoreKinds.All
               let pairs = Pairs(series, kind)
               select (series, kind, pairs,
                   AgreementStatistics.Of([.. pairs.Select(p => p.Readers)], [.. pairs.Select(p => p.Model)], kind)),
        ];
        Unjoined();
        html.Write($"<div class=\"wide\" role=\"region\" aria-label=\"Agreement figures\" tabindex=\"0\"><table class=\"small\">");
        html.Write($"<thead><tr><th scope=\"col\">Score</th>");
        if (data.Series.Count > 1)
            html.Write($"<th scope=\"col\">Model</th>");
        html.Write($"<th scope=\"col\">Images</th><th scope=\"col\">Mean absolute error</th><th scope=\"col\">R\u00B2</th>");
        html.Write($"<th scope=\"col\">Pearson's r</th><th scope=\"col\">Bias</th>");
        html.Write($"<th scope=\"col\">Limits of agreement</th></tr></thead><tbody>");
        foreach ((int series, ScoreKind kind, _, AgreementStatistics figures) in all)
            Row(series, kind, figures);
        html.Write($"</tbody></table></div>");
        html.Write($"<p class=\"hint\">Errors and differences are the model's score less the mean of the readers'. In brackets stand ");
        html.Write($"95 % intervals: Fisher's z for r, Student's t for the bias, Bland and Altman's for the limits, which are the bias ");
        html.Write($"less and plus 1.96 standard deviations of the differences. These intervals take images for independent: with ");
        html.Write($"several images of a patient they are too narrow; 'severity evaluate' resamples patients.</p>");
        if (all.Any(one => one.Pairs.Any(p => p.IsOutside)))
        {
            html.Write($"<p class=\"key\"><span class=\"swatch in\"></span> inside the domain, or not checked ");
            html.Write($"<span class=\"swatch out\"></span> outside the domain; they count in the figures</p>");
        }
        html.Write($"<div class=\"plots\">");
        foreach ((int series, ScoreKind kind, ScorePair[] pairs, AgreementStatistics figures) in all)
        {
            Caption(series, kind, "model over readers");
            ScorePlots.Scatter(html, pairs, kind, figures.MeanAbsoluteError);
            html.Write($"</figure>");
            Caption(series, kind, "Bland-Altman");
            ScorePlots.BlandAltman(html, pairs, kind, figures);
            html.Write($"</figure>");
        }
        html.Write($"</div></section>\n");
    }

    void Row(int series, ScoreKind kind, AgreementStatistics figures)
    {
        html.Write($"<tr><th scope=\"row\">{ScorePlots.Capital(kind.Title)}</th>");
        if (data.Series.Count > 1)
            html.Write($"<td>{ReportTable.LabelOf(data, series)}</td>");
        html.Write($"<td>{figures.Count}</td><td>{Plain(figures.MeanAbsoluteError)}</td><td>{Plain(figures.R2)}</td>");
        html.Write($"<td>{Plain(figures.Pearson)}{Brackets(figures.PearsonInterval)}</td>");
        html.Write($"<td>{Signed(figures.Bias)}{Brackets(figures.BlandAltman?.BiasInterval, isSigned: true)}</td><td>");
        if (figures.BlandAltman is { } limits)
        {
            string low = Brackets(limits.Around(limits.LowerLimit), isSigned: true);
            string high = Brackets(limits.Around(limits.UpperLimit), isSigned: true);
            html.Write($"{Signed(limits.LowerLimit)}{low} to {Signed(limits.UpperLimit)}{high}");
        }
        else
        {
            html.Write($"undefined");
        }
        html.Write($"</td></tr>");
    }

    void Caption(int series, ScoreKind kind, string what)
    {
        html.Write($"<figure><figcaption>{ScorePlots.Capital(kind.Title)}, {what}");
        if (data.Series.Count > 1)
            html.Write($", {ReportTable.LabelOf(data, series)}");
        html.Write($"</figcaption>");
    }

    /// <summary>What is not in the figures, so that nothing is left out in silence.</summary>
    void Unjoined()
    {
        for (int series = 0; series < data.Series.Count; series++)
        {
            int without = join.WithoutRow(series).Count(), errors = join.WithError(series).Count(),
                unread = join.WithoutReaders(series).Count();
            if (without + errors + unread == 0)
                continue;
            html.Write($"<p class=\"hint\">");
            if (data.Series.Count > 1)
                html.Write($"{ReportTable.LabelOf(data, series)}: ");
            html.Write($"not in the figures are {Amount.Of(without, "image")} of the readers without a row, ");
            html.Write($"{Amount.Of(errors, "image")} of theirs whose row is an error, and {Amount.Of(unread, "row")} without ");
            html.Write($"readers' scores.</p>");
        }
    }

    ScorePair[] Pairs(int series, ScoreKind kind) =>
    [
        .. from row in data.Of(series)
           let readers = row.Readers?.Mean(kind)
           let score = row.Score(kind)
           where readers is not null && score is not null
           select new ScorePair(readers.Value, score.Value, row.IsOutside),
    ];

    static string Plain(double? value) =>
        value is { } number ? number.ToString("0.00", CultureInfo.InvariantCulture) : "undefined";

    static string Signed(double? value) => value is { } number ? ScorePlots.Signed(number) : "undefined";

    static string Brackets(ConfidenceInterval? interval, bool isSigned = false) => interval is not { } ends ? ""
        : isSigned ? $" [{Signed(ends.Low)}, {Signed(ends.High)}]" : $" [{Plain(ends.Low)}, {Plain(ends.High)}]";
}
