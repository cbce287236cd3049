using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SeverityEngine.Comparison;

/// <summary>
/// Images a second and memory for a folder of X-rays, from files to scores, starting up included for this engine and not for Python.
/// </summary>
static class PipelineTable
{
    public static void Write(
        StringBuilder report, int rounds, string severity, string script, string checkpoint, string images, string dicom, string fast,
        string integer)
    {
        (string Name, Func<int, Result> Run)[] programs =
        [
            ("**severity, built-in model**", workers => Severity(severity, images, workers)),
            ("**severity, DenseNet-121 float32**", workers => Severity(severity, images, workers, "--model", fast)),
            ("**severity, DenseNet-121 int8**", workers => Severity(severity, images, workers, "--model", integer)),
            ("scikit-image and PyTorch, DenseNet-121", workers => Python(script, checkpoint, images, workers)),
            ("**severity, built-in model**, DICOM", workers => Severity(severity, dicom, workers)),
            ("**severity, DenseNet-121 float32**, DICOM", workers => Severity(severity, dicom, workers, "--model", fast)),
            ("pydicom, GDCM, scikit-image and PyTorch, DenseNet-121, DICOM", workers => Python(script, checkpoint, dicom, workers)),
        ];
        Dictionary<(string, int), List<Result>> results = [];
        for (int round = 0; round < rounds; round++)
        {
            foreach (int workers in (ReadOnlySpan<int>)[1, 2])
            {
                foreach ((string name, Func<int, Result> run) in programs)
                {
                    if (!results.TryGetValue((name, workers), out List<Result>? list))
                        results.Add((name, workers), list = []);
                    list.Add(run(workers));
                }
            }
        }
        int count = Directory.EnumerateFiles(images).Count(f => !f.EndsWith(".csv", StringComparison.Ordinal));
        report.Append(CultureInfo.InvariantCulture, $"{count} X-rays, from files to scores: images a second (best of {rounds}), "
            + $"peak memory. Starting up is included for `severity`, not for Python. DICOM: the same pictures in JPEG Lossless.\n\n");
        report.Append("| | 1 worker | 2 workers |\n| --- | --- | --- |\n");
        foreach ((string name, _) in programs)
            report.Append(CultureInfo.InvariantCulture, $"| {name} | {Cell(results[(name, 1)])} | {Cell(results[(name, 2)])} |\n");

        string Cell(List<Result> list) => string.Create(CultureInfo.InvariantCulture,
            $"{count / list.Min(r => r.Seconds):F1} ({list.Min(r => r.PeakMebibytes):F0} MiB)");
    }

    static Result Severity(string severity, string images, int workers, params string[] options)
    {
        string rows = Path.GetTempFileName(), time = Path.GetTempFileName();
        try
        {
            File.Delete(rows);
            string[] arguments = ["-f", "%e %M", "-o", time, severity, "predict", images, "-o", rows, "--format", "csv", "--quiet",
                "--threads", workers.ToString(CultureInfo.InvariantCulture), .. options];
            Commands.Run("/usr/bin/time", arguments);
            string[] fields = File.ReadLines(time).Last().Split(' ');
            return new Result(
                double.Parse(fields[0], CultureInfo.InvariantCulture), double.Parse(fields[1], CultureInfo.InvariantCulture) / 1024);
        }
        finally
        {
            File.Delete(rows);
            File.Delete(time);
        }
    }

    static Result Python(string script, string checkpoint, string images, int workers)
    {
        using JsonDocument line = JsonDocument.Parse(
            Commands.Run("/usr/bin/python3", script, checkpoint, images, "--workers", workers.ToString(CultureInfo.InvariantCulture)));
        return new Result(line.RootElement.GetProperty("seconds").GetDouble(), line.RootElement.GetProperty("peak_mib").GetDouble());
    }

    readonly record struct Result(double Seconds, double PeakMebibytes);
}
