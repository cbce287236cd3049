using System.Globalization;
using System.Text;
using SeverityEngine.Evaluation.Tables;
using SeverityEngine.IO;

namespace SeverityEngine.Evaluation.Report;

/// <summary>The beginning and the end of a report: its head with style and policy, errors, and what made it.</summary>
/// <param name="html">Where it goes.</param>
/// <param name="request">What it is made of.</param>
/// <param name="data">The rows.</param>
sealed class ReportPage(HtmlWriter html, ReportRequest request, ReportData data)
{
    /// <summary>Up to so many errors the list stands open.</summary>
    const int MostOpenErrors = 20;

    static readonly string s_style = Asset("report.css"), s_script = Asset("report.js");

    /// <summary>Writes all that stands above the summary.</summary>
    public void Begin()
    {
        html.Raw(HtmlReport.Mark);
        html.Write($"\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; ");
        html.Raw($"style-src 'sha256-{Hash(s_style)}'; script-src 'sha256-{Hash(s_script)}'; base-uri 'none'; form-action 'none'\">\n");
        html.Write($"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.Write($"<meta name=\"referrer\" content=\"no-referrer\"><meta name=\"color-scheme\" content=\"light dark\">\n");
        html.Write($"<title>Severity report: {Amount.Of(data.Rows.Count, "row")}</title>\n<style>");
        html.Raw(s_style);
        html.Write($"</style></head>\n<body><header><p class=\"research\">Research only. Not for medical use.</p>");
        html.Write($"<h1>Severity report</h1>");
        html.Write($"<p class=\"lead\">Severity of pneumonia on frontal chest X-rays, as a model scores it: geographic extent (0 to 8) ");
        html.Write($"and opacity (0 to 6). {Date()}</p>");
        html.Write($"<nav aria-label=\"Sections\"><a href=\"#summary\">Summary</a> ");
        if (data.Join is not null)
            html.Write($"<a href=\"#agreement\">Agreement with readers</a> ");
        html.Write($"<a href=\"#images\">Images</a> <a href=\"#errors\">Errors</a> <a href=\"#origin\">Origin</a>");
        html.Write($"</nav></header>\n<main>\n");
    }

    /// <summary>Writes all that stands below the table.</summary>
    /// <param name="counts">What became of the pictures.</param>
    public void End(ReportCounts counts)
    {
        Errors();
        Origin(counts);
        html.Write($"</main>\n<footer><p class=\"research\">Research only. Not for medical use.</p></footer>\n<script>");
        html.Raw(s_script);
        html.Write($"</script></body></html>\n");
    }

    void Errors()
    {
        ReportRow[] errors = [.. data.Rows.Where(row => row.Error is not null)];
        html.Write($"<section id=\"errors\" aria-labelledby=\"h-errors\"><h2 id=\"h-errors\">Errors</h2>");
        if (errors.Length == 0)
        {
            html.Write($"<p>Every row has a score.</p></section>");
            return;
        }
        html.Write($"<details{(errors.Length <= MostOpenErrors ? " open" : "")}><summary>");
        html.Write($"{Amount.Of(errors.Length, "row")} without a score</summary><ul class=\"errors\">");
        foreach (ReportRow row in errors)
        {
            string code = row.ErrorCode is { } name ? $" ({name})" : "";
            html.Write($"<li><a href=\"#r{row.Number}\">No. {row.Number}</a> <b>{row.Title}</b>: {row.Error}{code}</li>");
        }
        html.Write($"</ul></details></section>\n");
    }

    void Origin(ReportCounts counts)
    {
        html.Write($"<section id=\"origin\" aria-labelledby=\"h-origin\"><h2 id=\"h-origin\">Origin</h2><dl class=\"origin\">");
        for (int i = 0; i < data.Series.Count; i++)
        {
            html.Write($"<dt>Model</dt><dd>{ReportTable.LabelOf(data, i)}");
            if (data.Series[i].Model.Sha256.Length > 0)
                html.Write($"<br>SHA-256 <code>{data.Series[i].Model.Sha256}</code>");
            string[] engines = [.. data.Of(i).Select(row => row.EngineVersion).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
            if (engines.Length > 0)
                html.Write($"<br>scored by Severity Engine {string.Join(", ", engines)}");
            html.Write($"<br>{Amount.Of(data.Series[i].Rows.Count, "row")}</dd>");
        }
        foreach (Table source in data.Sources)
            Source("Rows", source);
        if (request.Truth is { } truth)
            Source("Readers' scores", truth.Table);
        html.Write($"<dt>Report</dt><dd>Severity Engine {SeverityRuntime.EngineVersion}, {Date()}<br>");
        html.Write($"<code>{request.CommandLine}</code></dd>");
        html.Write($"<dt>Pictures</dt><dd>{Pictures(counts)}</dd></dl></section>\n");
    }

    void Source(string what, Table table)
    {
        html.Write($"<dt>{what}</dt><dd>");
        if (!request.IsAnonymous)
            html.Write($"{table.Source}<br>");
        html.Write($"SHA-256 <code>{table.Sha256}</code></dd>");
    }

    string Pictures(ReportCounts counts)
    {
        if (!request.HasPictures)
            return "None, as it was asked for.";
        string text = $"At most {SmallPicture.MostPixels} pixels a side, in gray from each X-ray's darkest to its brightest place; "
            + "channel 0, as the model reads it.";
        if (counts.Missing > 0)
            text += $" {Amount.Of(counts.Missing, "image is", "images are")} not there any more.";
        if (counts.Unread > 0)
            text += $" {Amount.Of(counts.Unread, "image")} could not be read.";
        if (counts.Maps > 0)
            text += $" {Amount.Of(counts.Maps, "saliency map is", "saliency maps are")} not shown.";
        if (request.IsAnonymous)
        {
            text += " Names, paths and UIDs are left out, and warnings and errors stand in words that hold none. What is burnt into an "
                + "X-ray can be seen in its picture; --no-pictures leaves pictures out.";
        }
        return text;
    }

    string Date() => request.Date.UtcDateTime.ToString("d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>The hash by which the policy knows a text.</summary>
    static string Hash(string text) => Convert.ToBase64String(Convert.FromHexString(ContentHash.Sha256(Encoding.UTF8.GetBytes(text))));

    static string Asset(string name)
    {
        using Stream stream = typeof(ReportPage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the assembly lacks its resource {name}");
        using StreamReader reader = new(stream, Encoding.UTF8);
        // As browsers read it before they hash it, wherever the sources were checked out.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
