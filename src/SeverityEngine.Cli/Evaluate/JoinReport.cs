using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Evaluation.Joins;
using SeverityEngine.IO;

namespace SeverityEngine.Cli.Evaluate;

/// <summary>Says what did not match between rows and readers' scores.</summary>
static class JoinReport
{
    /// <summary>How many names a line has.</summary>
    const int MostNamed = 10;

    public static void Write(ReaderJoin join, string truth, IRunHost host)
    {
        for (int s = 0; s < join.Series.Count; s++)
        {
            string rows = join.Series.Count > 1 ? $" of {join.Series[s].Label}" : "";
            Say($"of {truth} without a row{rows}", [.. join.WithoutRow(s)]);
            Say($"of {truth} with an error in place of scores{rows}", [.. join.WithError(s).Select(e => e.Name)]);
            Say($"scored{rows} and not in {truth}", [.. join.WithoutReaders(s)]);
        }

        void Say(string what, List<string> names)
        {
            if (names.Count == 0)
                return;
            string more = names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "";
            host.Line($"severity: {Amount.Of(names.Count, "image")} {what}: {string.Join(", ", names.Take(MostNamed))}{more}");
        }
    }
}
