using System.Globalization;
using System.Text;
using SeverityEngine.Evaluation.Report;
using SeverityEngine.Phantoms;
using SeverityEngine.Tests;

namespace SeverityEngine.Evaluation.Tests.Report;

/// <summary>A row as a test gives it; everything else is as <c>severity predict</c> writes it.</summary>
sealed record GivenRow(string File, double? Extent = null, double? Opacity = null)
{
    public string Model { get; init; } = "some-model";

    public string Verdict { get; init; } = "inside";

    public string Reason { get; init; } = "";

    public string Panel { get; init; } = "";

    public string Picture { get; init; } = "";

    public string Warnings { get; init; } = "";

    public string ErrorCode { get; init; } = "";

    public string Error { get; init; } = "";
}

/// <summary>Rows, phantoms and maps in a folder, and reports of them.</summary>
sealed class ReportFiles : IDisposable
{
    const string Heading = "file,model,model_version,model_sha256,engine_version,geographic_extent,opacity,interval.level,"
        + "interval.geographic_extent.low,interval.geographic_extent.high,interval.opacity.low,interval.opacity.high,domain.verdict,"
        + "domain.reason,saliency.picture,saliency.panel,warnings,error_code,error";

    static readonly ModelInfo s_model = new(
        "some-model", "1.2", 224, new ScoreRange(0, 8), new ScoreRange(0, 6), [], [], [], 0, new Dictionary<string, string>());

    readonly TemporaryFolder _folder = new();

    public string Path => _folder.Path;

    public string this[string name] => _folder[name];

    public void Dispose() => _folder.Dispose();

    /// <summary>Draws an X-ray.</summary>
    /// <returns>Its path.</returns>
    public string Draw(string name, long seed, int size = 256)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        // Any name is drawn to, whatever it ends in.
        string drawn = this[$"drawn-{seed}.png"];
        new ChestPhantom { Seed = seed, Width = size, Height = size, GeographicExtent = 1 + (seed % 8), Opacity = 1 + (seed % 6) }
            .Save(drawn);
        File.Move(drawn, this[name], overwrite: true);
        return this[name];
    }

    /// <summary>A saliency map: smooth hills over a phantom.</summary>
    public static SaliencyMap Map(long seed, bool isOutside = false, int side = 224)
    {
        float[] values = new float[side * side], input = new float[side * side];
        Random random = new((int)seed);
        for (int hill = 0; hill < 6; hill++)
        {
            double cx = random.NextDouble() * side, cy = random.NextDouble() * side, width = side / (6 + (10 * random.NextDouble()));
            for (int i = 0; i < values.Length; i++)
            {
                double dx = ((i % side) - cx) / width, dy = ((i / side) - cy) / width;
                values[i] += (float)Math.Exp(-(dx * dx) - (dy * dy));
                input[i] = (float)(Math.Sin(i % side / 9.0) + Math.Cos(i / side / 7.0) + (0.3 * random.NextDouble()));
            }
        }
        DomainResult domain = isOutside ? new DomainResult(3, null, 0.5, 0.5, null) : new DomainResult(0.5, null, 0.5, 0.5, null);
        return new SaliencyMap(new SeverityScore(2, 2, 2, 2, default) { Domain = domain }, SaliencyOptions.Default, side, values, input);
    }

    /// <summary>Writes a panel of a map.</summary>
    /// <returns>Its path.</returns>
    public string Panel(string name, long seed, bool isOutside = false)
    {
        Map(seed, isOutside).SavePanel(this[name], s_model, name, 2);
        return this[name];
    }

    /// <summary>Writes rows as csv.</summary>
    /// <returns>The file.</returns>
    public string Rows(string name, params GivenRow[] rows)
    {
        StringBuilder text = new(Heading + "\r\n");
        foreach (GivenRow row in rows)
        {
            bool isScored = row.Extent is not null;
            string[] values =
            [
                row.File, row.Model, "1.2", new string('a', 64), "0.1.0", Number(row.Extent), Number(row.Opacity),
                isScored ? "0.9" : "", Number(row.Extent - 1), Number(row.Extent + 1), Number(row.Opacity - 1), Number(row.Opacity + 1),
                isScored ? row.Verdict : "", row.Reason, row.Picture, row.Panel, row.Warnings, row.ErrorCode, row.Error,
            ];
            text.AppendJoin(',', values.Select(v => $"\"{v.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")).Append("\r\n");
        }
        File.WriteAllText(this[name], text.ToString());
        return this[name];

        static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>Makes a report and reads it.</summary>
    public string Report(out ReportCounts counts, Func<ReportRequest, ReportRequest>? with = null, params string[] rows)
    {
        ReportRequest request = new()
        {
            Rows = rows,
            CommandLine = "severity report rows.csv -o report.html",
            Date = DateTimeOffset.UnixEpoch,
        };
        string path = this["report.html"];
        counts = HtmlReport.Write(path, with?.Invoke(request) ?? request, null, CancellationToken.None)!.Value;
        return File.ReadAllText(path);
    }
}
