namespace SeverityEngine.Evaluation.Report;

/// <summary>The head figures of a report: how many rows there are of each kind, and how the scores are distributed.</summary>
/// <param name="html">Where it goes.</param>
/// <param name="data">The rows.</param>
sealed class ReportSummary(HtmlWriter html, ReportData data)
{
    /// <summary>Writes the section.</summary>
    public void Write()
    {
        html.Write($"<section id=\"summary\" aria-labelledby=\"h-summary\"><h2 id=\"h-summary\">Summary</h2><dl class=\"figures\">");
        Figure("Images", data.Rows.Select(row => row.File).Distinct().Count(), "");
        Figure("Scored", data.Rows.Count(row => row.IsScored), "");
        Figure("Errors", data.Rows.Count(row => row.Error is not null), "bad");
        Figure("Outside the domain", data.Rows.Count(row => row.IsOutside), "bad");
        Figure("With warnings", data.Rows.Count(row => row.Warnings.Count > 0), "odd");
        html.Write($"</dl>");
        bool hasOutside = data.Rows.Any(row => row.IsOutside);
        html.Write($"<div class=\"wide\" role=\"region\" aria-label=\"Scores by model\" tabindex=\"0\"><table class=\"small\">");
        html.Write($"<thead><tr><th scope=\"col\">Model</th><th scope=\"col\">Scored");
        foreach (ScoreKind kind in ScoreKinds.All)
        {
            string title = ScorePlots.Capital(kind.Title);
            html.Write($"</th><th scope=\"col\">{title}, median</th><th scope=\"col\">{title}, mean");
        }
        html.Write($"</th></tr></thead><tbody>");
        for (int i = 0; i < data.Series.Count; i++)
        {
            ReportRow[] rows = [.. data.Of(i)];
            html.Write($"<tr><th scope=\"row\">{ReportTable.LabelOf(data, i)}</th><td>{rows.Count(row => row.IsScored)}</td>");
            foreach (ScoreKind kind in ScoreKinds.All)
            {
                double[] scores = [.. rows.Where(row => !row.IsOutside).Select(row => row.Score(kind)).OfType<double>().Order()];
                if (scores.Length > 0)
                    html.Write($"<td>{Median(scores):0.00}</td><td>{scores.Average():0.00}</td>");
                else
                    html.Write($"<td>none</td><td>none</td>");
            }
            html.Write($"</tr>");
        }
        html.Write($"</tbody></table></div>");
        if (hasOutside)
            html.Write($"<p class=\"hint\">Medians and means are of pictures that are not outside the domain.</p>");
        if (Level() is { } level)
        {
            html.Write($"<p class=\"hint\">Behind each score stands the interval in which {100 * level:0.#} % of experts' scores lie, ");
            html.Write($"of images like those that the model is made for.</p>");
        }
        Distributions(hasOutside);
        html.Write($"</section>\n");
    }

    void Distributions(bool hasOutside)
    {
        html.Write($"<h3>Distribution of the scores</h3>");
        if (hasOutside)
        {
            html.Write($"<p class=\"key\"><span class=\"swatch in\"></span> inside the domain, or not checked ");
            html.Write($"<span class=\"swatch out\"></span> outside the domain</p>");
        }
        html.Write($"<div class=\"plots\">");
        for (int i = 0; i < data.Series.Count; i++)
        {
            ReportRow[] rows = [.. data.Of(i)];
            foreach (ScoreKind kind in ScoreKinds.All)
            {
                html.Write($"<figure><figcaption>{ScorePlots.Capital(kind.Title)}");
                if (data.Series.Count > 1)
                    html.Write($", {ReportTable.LabelOf(data, i)}");
                html.Write($"</figcaption>");
                ScorePlots.Histogram(html, rows, kind);
                html.Write($"</figure>");
            }
        }
        html.Write($"</div>");
    }

    void Figure(string name, int count, string style) =>
        html.Write($"<div class=\"figure {(count > 0 ? style : "")}\"><dt>{name}</dt><dd>{count}</dd></div>");

    /// <summary>The level of the rows' intervals; null where they have none, or several.</summary>
    double? Level()
    {
        double[] levels = [.. data.Rows.Select(row => row.IntervalLevel).OfType<double>().Distinct().Take(2)];
        return levels.Length == 1 ? levels[0] : null;
    }

    static double Median(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
