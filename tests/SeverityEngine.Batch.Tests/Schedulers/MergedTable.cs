using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Batch.Tests.Schedulers;

/// <summary>
/// A csv of rows as it is compared: without the columns of times, which no two runs share, and without those that are empty in every row,
/// which rows of jsonl, and so what is merged of them, do not have.
/// </summary>
static class MergedTable
{
    public static IReadOnlyList<string> Rows(string csv)
    {
        List<string>[] lines = [.. File.ReadLines(csv).Select(line => CsvRows.Split(line, ',')!)];
        int[] kept = [.. Enumerable.Range(0, lines[0].Count).Where(i => lines.Skip(1).Any(line => line[i].Length > 0)
            && !lines[0][i].StartsWith("timings_ms.", StringComparison.Ordinal))];
        return [.. lines.Select(line => string.Join('|', kept.Select(i => line[i])))];
    }
}
