using System.Globalization;
using System.Text.Json;
using SeverityEngine.IO;

namespace SeverityEngine.Cli.Bench;

/// <summary>The figures of an earlier run beside those of this one.</summary>
sealed class BenchComparison
{
    /// <summary>Far more than any run writes.</summary>
    const int MostBytes = 16 << 20;

    readonly string _path;
    readonly BenchContext _context;
    readonly Dictionary<(string Stage, string Mode, int Threads, int Batch), (double P50, int Count)> _old = [];

    BenchComparison(string path, BenchContext context) => (_path, _context) = (path, context);

    /// <summary>Reads what <c>severity bench --format json</c> printed.</summary>
    /// <exception cref="SeverityException">A file that cannot be read, or holds something else.</exception>
    public static BenchComparison Read(string path)
    {
        byte[] bytes = WholeFile.Read(path, FileKind.Any, MostBytes);
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("context", out JsonElement context)
                || BenchContext.Read(context) is not { } then)
                throw Fault(path, "it has no \"context\" of them");
            if (!root.TryGetProperty("results", out JsonElement results) || results.ValueKind != JsonValueKind.Array)
                throw Fault(path, "it has no \"results\"");
            BenchComparison comparison = new(path, then);
            foreach (JsonElement row in results.EnumerateArray())
                comparison.Add(row);
            return comparison;
        }
        catch (JsonException e)
        {
            throw Fault(path, JsonFault.Reason(e), e);
        }
    }

    /// <summary>Pairs rows of both runs.</summary>
    public BenchRatios With(BenchContext context, IReadOnlyList<BenchRow> rows)
    {
        List<string> differences = [.. context.DifferencesFrom(_context)];
        List<BenchRatio> ratios = [];
        List<int> countsThen = [], countsNow = [];
        foreach (BenchRow row in rows)
        {
            if (!_old.TryGetValue((row.Stage, row.ModeName, row.Setting.Threads, row.Setting.Batch), out (double P50, int Count) old))
                continue;
            ratios.Add(new BenchRatio(row, old.P50));
            countsThen.Add(old.Count);
            countsNow.Add(row.Count);
        }
        if (!countsThen.SequenceEqual(countsNow))
            differences.Add($"The samples differ: {Range(countsThen)} a stage then, {Range(countsNow)} now.");
        if (countsThen.Any(BenchRow.AreFew))
            differences.Add($"The samples then are few, less than {BenchRow.FewSamples}: their ratios may be chance.");
        int onlyNow = rows.Count - ratios.Count, onlyThen = _old.Count - ratios.Count;
        foreach ((int count, string when) in ((int, string)[])[(onlyNow, "now"), (onlyThen, "then")])
        {
            if (count > 0)
                differences.Add($"Not compared: {Amount.Of(count, "row")} of {when}, of another stage, mode, number of threads or batch.");
        }
        return new BenchRatios(_path, _context.Date, differences, ratios);
    }

    static string Range(List<int> counts) => counts.Min() == counts.Max()
        ? Amount.Of(counts[0], "batch", "batches")
        : string.Create(CultureInfo.InvariantCulture, $"{counts.Min()} to {counts.Max()} batches");

    void Add(JsonElement row)
    {
        if (row.ValueKind == JsonValueKind.Object && Text("stage") is { } stage && Text("mode") is { } mode
            && Number("threads") is >= 1 and int threads && Number("batch") is >= 1 and int batch && Number("count") is >= 1 and int count
            && row.TryGetProperty("p50_ms", out JsonElement p50) && p50.ValueKind == JsonValueKind.Number
            && p50.TryGetDouble(out double milliseconds) && milliseconds >= 0 && double.IsFinite(milliseconds)
            && _old.TryAdd((stage, mode, threads, batch), (milliseconds, count)))
            return;
        throw Fault(_path, $"result {_old.Count + 1} lacks what is compared, or stands there twice");

        string? Text(string name) =>
            row.TryGetProperty(name, out JsonElement text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

        int? Number(string name) => row.TryGetProperty(name, out JsonElement number) && number.ValueKind == JsonValueKind.Number
            && number.TryGetInt32(out int value) ? value : null;
    }

    static SeverityException Fault(string path, string fault, Exception? cause = null) => new(SeverityError.InvalidArgument,
        $"{path}: holds no results to compare with: {fault}; name a file that 'severity bench --format json' wrote", cause);
}

/// <summary>An earlier run's figures beside this one's.</summary>
/// <param name="Path">The file of the earlier run.</param>
/// <param name="Date">When that was.</param>
/// <param name="Differences">A sentence for each thing that differed but the speed.</param>
/// <param name="Ratios">What was measured both times.</param>
sealed record BenchRatios(string Path, string Date, IReadOnlyList<string> Differences, IReadOnlyList<BenchRatio> Ratios);

/// <summary>A stage of both runs.</summary>
/// <param name="Now">This run's row.</param>
/// <param name="Old">The median of the earlier run, in milliseconds.</param>
sealed record BenchRatio(BenchRow Now, double Old)
{
    /// <summary>How many times as fast it is now; null where it takes no time that can be measured.</summary>
    public double? Ratio => Now.P50 > 0 ? Old / Now.P50 : null;
}
