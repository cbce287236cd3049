using System.Text;
using SeverityEngine.IO;

namespace SeverityEngine.Evaluation.Report;

/// <summary>What a report was made of.</summary>
/// <param name="Rows">Rows on the page.</param>
/// <param name="Missing">Scored images that are not where their rows say.</param>
/// <param name="Unread">Scored images that could not be read.</param>
/// <param name="Maps">Saliency maps that rows name and that could not be shown.</param>
readonly record struct ReportCounts(int Rows, int Missing, int Unread, int Maps)
{
    /// <summary>Rows with readers' scores; null where none were asked for.</summary>
    public int? Joined { get; init; }
}

/// <summary>
/// One file of HTML that shows rows of results: a summary, how the scores are distributed, how they agree with readers, each image beside
/// its saliency map, the errors, and what made it all. It needs nothing else: style and script stand in it, pictures too, and a policy in
/// it lets a browser load nothing. Of the rows' texts none becomes markup.
/// </summary>
sealed class HtmlReport
{
    /// <summary>What stands at a report's start; by it a report is known that may be replaced.</summary>
    public const string Mark = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        + "<meta name=\"generator\" content=\"Severity Engine report\">";

    static readonly byte[] s_mark = Encoding.ASCII.GetBytes(Mark);

    readonly ReportRequest _request;
    readonly ReportData _data;
    readonly ReportPictures _pictures;

    HtmlReport(ReportRequest request, ReportData data, ReportPictures pictures)
    {
        _request = request;
        _data = data;
        _pictures = pictures;
    }

    /// <summary>Whether a file's first bytes are those of a report.</summary>
    public static bool IsReport(ReadOnlySpan<byte> start) => start.StartsWith(s_mark);

    /// <summary>Writes a report.</summary>
    /// <param name="path">The file.</param>
    /// <param name="request">What it is made of.</param>
    /// <param name="progress">Told the share that is done; null for nobody.</param>
    /// <param name="stop">Ends the work early.</param>
    /// <returns>What it was made of; null where it was stopped, and nothing is written.</returns>
    /// <exception cref="SeverityException">
    /// A file of rows that cannot be used; a file that cannot be written, or is one of those that the rows name.
    /// </exception>
    public static ReportCounts? Write(string path, ReportRequest request, IProgress<double>? progress, CancellationToken stop)
    {
        ReportData data = ReportData.Read(request);
        if (data.Rows.Count == 0)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{request.Rows[0]}: has no rows; name a file of rows, such as 'severity predict -o' writes");
        }
        ReportPictures pictures = new(request.Images, request.Limits, request.Threads);
        if (!OutputGuard.MayReplace(path, IsReport))
            OutputGuard.RequireOthers([("-o", path)], pictures.Files(data.Rows));
        using AtomicFile file = AtomicFile.Create(path);
        using HtmlWriter html = new(file);
        if (new HtmlReport(request, data, pictures).Write(html, progress, stop) is not { } counts)
            return null;
        html.Flush();
        file.Complete();
        return counts;
    }

    ReportCounts? Write(HtmlWriter html, IProgress<double>? progress, CancellationToken stop)
    {
        new ReportPage(html, _request, _data).Begin();
        new ReportSummary(html, _data).Write();
        if (_data.Join is { } join)
            new ReportAgreement(html, _data, join).Write();
        ReportCounts? counts = WriteTable(html, progress, stop);
        if (counts is null)
            return null;
        new ReportPage(html, _request, _data).End(counts.Value);
        return counts;
    }

    ReportCounts? WriteTable(HtmlWriter html, IProgress<double>? progress, CancellationToken stop)
    {
        ReportTable table = new(html, _data, _request.HasPictures);
        int done = 0, missing = 0, unread = 0, maps = 0;
        html.Write($"<section id=\"images\" aria-labelledby=\"h-images\"><h2 id=\"h-images\">Images</h2>");
        table.Begin();
        if (_request.HasPictures)
        {
            _pictures.Run(_data.Rows, (row, pictures) => Add(row, pictures), stop);
        }
        else
        {
            foreach (ReportRow row in _data.Rows)
                Add(row, null);
        }
        if (done < _data.Rows.Count)
            return null;
        table.End();
        html.Write($"</section>");
        return new ReportCounts(done, missing, unread, maps)
        {
            Joined = _data.Join is null ? null : _data.Rows.Count(row => row.Readers is not null),
        };

        void Add(ReportRow row, RowPictures? pictures)
        {
            // Of an image without a score it is known that it could not be read.
            if (row.IsScored && pictures?.XRay is { Fault: not null } xRay)
            {
                missing += xRay.IsMissing ? 1 : 0;
                unread += xRay.IsMissing ? 0 : 1;
            }
            maps += pictures?.Map is { Fault: not null } ? 1 : 0;
            table.Add(row, pictures);
            done++;
            progress?.Report((double)done / _data.Rows.Count);
        }
    }
}
