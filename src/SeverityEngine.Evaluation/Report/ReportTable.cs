using System.Globalization;

namespace SeverityEngine.Evaluation.Report;

/// <summary>The table of a report: a row for each row of results, with pictures.</summary>
/// <param name="html">Where it goes.</param>
/// <param name="data">The rows.</param>
/// <param name="hasPictures">Whether there are pictures.</param>
sealed class ReportTable(HtmlWriter html, ReportData data, bool hasPictures)
{
    readonly bool _hasMaps = hasPictures && data.Rows.Any(ReportPictures.HasMap);
    readonly bool _hasModels = data.Series.Count > 1;
    readonly bool _hasReaders = data.Join is not null;

    /// <summary>Writes what comes before the rows. Controls are shown by the script, without which they would do nothing.</summary>
    public void Begin()
    {
        html.Write($"<div id=\"controls\" class=\"controls\" hidden>");
        html.Write($"<label>Find <input type=\"search\" id=\"find\" autocomplete=\"off\"></label>");
        html.Write($"<label>Show <select id=\"show\"><option value=\"\">all rows<option value=\"s\">scored");
        html.Write($"<option value=\"w\">with warnings<option value=\"o\">outside the domain<option value=\"e\">errors</select></label>");
        if (_hasModels)
        {
            html.Write($"<label>Model <select id=\"model\"><option value=\"\">all models");
            for (int i = 0; i < data.Series.Count; i++)
                html.Write($"<option value=\"{ModelMark(i)}\">{Label(i)}");
            html.Write($"</select></label>");
        }
        html.Write($"<label class=\"sorts\">Sort by <select id=\"sort\"></select></label>");
        html.Write($"<p id=\"count\" role=\"status\"></p></div>");
        string style = $"{(hasPictures ? " p" : "")}{(_hasMaps ? " q" : "")}{(_hasModels ? " m" : "")}{(_hasReaders ? " r" : "")}";
        html.Write($"<table id=\"rows\" class=\"rows{style}\" role=\"table\" aria-label=\"Images\">");
        html.Write($"<thead role=\"rowgroup\"><tr role=\"row\">");
        Head("n", "No.");
        if (hasPictures)
            Head("x", "X-ray", isSorted: false);
        if (_hasMaps)
            Head("x", "Map", isSorted: false);
        Head("f", "Image", isText: true);
        if (_hasModels)
            Head("m", "Model", isText: true);
        foreach (ScoreKind kind in ScoreKinds.All)
        {
            Head("v", ScorePlots.Capital(kind.Title));
            if (_hasReaders)
            {
                Head("h", "Readers", $"Readers' {kind.Title}");
                Head("d", "Difference", $"Difference of {kind.Title}");
            }
        }
        html.Write($"</tr></thead><tbody role=\"rowgroup\">\n");

        void Head(string style, string title, string? full = null, bool isSorted = true, bool isText = false)
        {
            html.Write($"<th role=\"columnheader\" scope=\"col\" class=\"{style}\"");
            if (isSorted)
                html.Write($" data-sort=\"{(isText ? "text" : "number")}\" data-name=\"{full ?? title}\"");
            html.Write($">{title}</th>");
        }
    }

    /// <summary>Writes a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="pictures">Its pictures; null where the report has none.</param>
    public void Add(ReportRow row, RowPictures? pictures)
    {
        string marks = row.Error is not null ? "e" : "s";
        marks += row.Warnings.Count > 0 ? " w" : "";
        marks += row.IsOutside ? " o" : "";
        if (_hasModels)
            marks += $" {ModelMark(row.Series)}";
        html.Write($"<tr role=\"row\" id=\"r{row.Number}\" data-is=\"{marks}\"><td role=\"cell\" class=\"n\">{row.Number}</td>");
        if (hasPictures)
            Picture(pictures?.XRay, row, "X-ray");
        if (_hasMaps)
            Picture(pictures?.Map, row, "saliency map");
        Name(row);
        if (_hasModels)
            html.Write($"<td role=\"cell\" class=\"m\">{Label(row.Series)}</td>");
        foreach (ScoreKind kind in ScoreKinds.All)
            Score(row, kind);
        html.Write($"</tr>\n");
    }

    /// <summary>Writes what comes behind the rows.</summary>
    public void End() => html.Write($"</tbody></table>");

    /// <summary>What a series is called.</summary>
    public string Label(int series) => LabelOf(data, series);

    /// <summary>What a series is called; files are named only where that tells models apart, and never in an anonymous report.</summary>
    public static string LabelOf(ReportData data, int series)
    {
        bool isAnonymous = data.Rows.Count > 0 && data.Rows[0].IsAnonymous;
        string name = data.Series[series].Model.ToString();
        return !isAnonymous ? data.Series[series].Label
            : data.Series.Count(s => s.Model.ToString() == name) == 1 ? name : $"{name} (run {series + 1})";
    }

    static string ModelMark(int series) => string.Create(CultureInfo.InvariantCulture, $"m{series}");

    void Picture(ShownPicture? shown, ReportRow row, string what)
    {
        html.Write($"<td role=\"cell\" class=\"x\">");
        if (shown?.Picture is { } picture)
        {
            html.Write($"<img alt=\"{what}\" width=\"{picture.Width}\" height=\"{picture.Height}\" loading=\"lazy\" decoding=\"async\" ");
            html.Write($"src=\"data:image/jpeg;base64,");
            html.Base64(picture.Jpeg);
            html.Write($"\">");
        }
        else if (shown is { Fault: { } fault })
        {
            string words = shown.Value.IsMissing ? "not there any more" : Fault(fault, row);
            html.Write($"<span class=\"none\">{words}</span>");
        }
        else
        {
            html.Write($"<span class=\"none\">none</span>");
        }
        html.Write($"</td>");
    }

    /// <summary>Why a picture is not shown: in an anonymous report in words that name nothing.</summary>
    static string Fault(SeverityException fault, ReportRow row)
    {
        if (row.IsAnonymous)
            return AnonymousText.OfError(fault.Code.Name());
        // The message begins with the file, which stands in the row.
        string words = fault.Message[(fault.Message.IndexOf(": ", StringComparison.Ordinal) + 2)..];
        return $"not shown: {words}";
    }

    void Name(ReportRow row)
    {
        html.Write($"<td role=\"cell\" class=\"f\"><b>{row.Title}</b>");
        if (row.Place.Length > 0)
            html.Write($" <span class=\"place\">{row.Place}</span>");
        if (row.Error is { } error)
        {
            string code = row.ErrorCode is { } name ? $" ({name})" : "";
            html.Write($"<p class=\"note bad\"><strong>Error{code}:</strong> {error}</p>");
        }
        if (row.IsOutside)
        {
            string reason = row.OutsideReason is { } why ? $" ({why})" : "";
            html.Write($"<p class=\"note bad\"><strong>Outside the domain{reason}:</strong> the scores mean nothing</p>");
        }
        else if (row.IsUnchecked && row.Error is null)
        {
            html.Write($"<p class=\"note\">Domain not checked</p>");
        }
        foreach (string warning in row.Warnings)
            html.Write($"<p class=\"note odd\"><strong>Warning:</strong> {warning}</p>");
        html.Write($"</td>");
    }

    void Score(ReportRow row, ScoreKind kind)
    {
        double? score = row.Score(kind);
        ScoreInterval? interval = row.Interval(kind);
        double? readers = row.Readers?.Mean(kind);
        string style = kind == ScoreKind.GeographicExtent ? "v e" : "v o";
        if (score is { } value)
        {
            html.Write($"<td role=\"cell\" class=\"{style}\"><b>{value:0.00}</b>");
            if (interval is { } range)
                html.Write($" <span class=\"iv\">{range.Lowest:0.0} to {range.Highest:0.0}</span>");
            Bar(value, interval, readers, kind);
            html.Write($"</td>");
        }
        else
        {
            html.Write($"<td role=\"cell\" class=\"{style} no\">no score</td>");
        }
        if (!_hasReaders)
            return;
        style = kind == ScoreKind.GeographicExtent ? "h e" : "h o";
        if (readers is { } mean)
        {
            html.Write($"<td role=\"cell\" class=\"{style}\">{mean:0.0#}");
            double[] each = [.. row.Readers!.Scores.Select(s => s.Of(kind)).OfType<double>()];
            if (each.Length > 1)
            {
                string all = string.Join(", ", each.Select(ScorePlots.Number));
                html.Write($" <span class=\"iv\">{all}</span>");
            }
            html.Write($"</td>");
        }
        else
        {
            html.Write($"<td role=\"cell\" class=\"{style} no\">none</td>");
        }
        style = kind == ScoreKind.GeographicExtent ? "d e" : "d o";
        string difference = score - readers is { } d ? ScorePlots.Signed(d) : "";
        html.Write($"<td role=\"cell\" class=\"{style}\">{difference}</td>");
    }

    /// <summary>The score, its interval and the readers' score on the scale; what it shows stands beside it in digits.</summary>
    void Bar(double score, ScoreInterval? interval, double? readers, ScoreKind kind)
    {
        html.Write($"<svg class=\"scale\" viewBox=\"0 0 82 8\" aria-hidden=\"true\"><path class=\"line\" d=\"M1 4h80\"/>");
        if (interval is { } range)
            html.Write($"<path class=\"span\" d=\"M{At(range.Lowest):0.#} 4H{At(range.Highest):0.#}\"/>");
        html.Write($"<path class=\"here\" d=\"M{At(score):0.#} 0v8\"/>");
        if (readers is { } mean)
            html.Write($"<path class=\"them\" d=\"M{At(mean):0.#} 4h0\"/>");
        html.Write($"</svg>");

        double At(double value) => 1 + (80 * (kind.Range.Clamp(value) - kind.Range.Lowest) / (kind.Range.Highest - kind.Range.Lowest));
    }
}
