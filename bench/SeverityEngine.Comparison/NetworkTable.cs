using System.Globalization;
using System.Text;

namespace SeverityEngine.Comparison;

/// <summary>Milliseconds for one run of the DenseNet-121, by batch size and threads.</summary>
static class NetworkTable
{
    public static void Write(StringBuilder report, int rounds, Func<int, int, IReadOnlyList<IPeer>> make)
    {
        Dictionary<string, List<string>> rows = [];
        List<string> heads = [];
        foreach ((int batch, int threads) in (ReadOnlySpan<(int, int)>)[(1, 1), (1, 2), (8, 1), (8, 2)])
        {
            heads.Add($"batch {batch}, {threads} thread{(threads > 1 ? "s" : "")}");
            IReadOnlyList<IPeer> peers = make(batch, threads);
            List<double>[] times = [.. peers.Select(_ => new List<double>())];
            foreach (IPeer peer in peers) // first runs take memory and choose kernels
            {
                peer.Run();
                peer.Run();
            }
            for (int round = 0; round < rounds; round++)
            {
                // Another order each round: nobody always runs in the caches that the same neighbor has left.
                for (int turn = 0; turn < peers.Count; turn++)
                {
                    int i = (round + turn) % peers.Count;
                    times[i].Add(peers[i].Run());
                }
            }
            double stock = Quantile(times[0], 0.5);
            for (int i = 0; i < peers.Count; i++)
            {
                if (!rows.TryGetValue(peers[i].Name, out List<string>? cells))
                    rows.Add(peers[i].Name, cells = []);
                double median = Quantile(times[i], 0.5);
                cells.Add(string.Create(CultureInfo.InvariantCulture,
                    $"{median:F1} ({Quantile(times[i], 0.25):F1}-{Quantile(times[i], 0.75):F1}), {stock / median:F2}x"));
                peers[i].Dispose();
            }
        }
        report.Append(
            "DenseNet-121, milliseconds a run: median (quartiles), and how many times as fast as ONNX Runtime on the plain graph.\n\n");
        report.Append(CultureInfo.InvariantCulture,
            $"| | {string.Join(" | ", heads)} |\n|{string.Concat(Enumerable.Repeat(" --- |", heads.Count + 1))}\n");
        foreach ((string name, List<string> cells) in rows)
            report.Append(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", cells)} |\n");
        report.Append('\n');
    }

    static double Quantile(List<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        double at = share * (sorted.Length - 1);
        int below = (int)at;
        return below + 1 < sorted.Length ? sorted[below] + (at - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
