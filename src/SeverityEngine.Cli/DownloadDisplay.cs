using System.Diagnostics;
using System.Globalization;
using SeverityEngine.IO;
using SeverityEngine.Models;
using Spectre.Console;

namespace SeverityEngine.Cli;

/// <summary>Shows a download on standard error: a bar with rate and time left on a terminal, else a line now and then.</summary>
static class DownloadDisplay
{
    public static async Task<string> Show(WeightsFile file, Func<IProgress<DownloadProgress>?, Task<string>> download)
    {
        Report.Line($"downloading {file.Url} ({Amount.Bytes(file.Size)})");
        return Console.IsErrorRedirected ? await download(new Lines(file)) : await Bar(file, download);
    }

    static async Task<string> Bar(WeightsFile file, Func<IProgress<DownloadProgress>?, Task<string>> download)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress()
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn { Culture = CultureInfo.InvariantCulture },
                new TransferSpeedColumn { Culture = CultureInfo.InvariantCulture }, new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(file.Name), maxValue: file.Size);
                return await download(new Inline(progress =>
                {
                    task.Value = progress.Received;
                    if (progress.Trouble is { } trouble)
                        console.WriteLine(trouble);
                }));
            });
    }

    /// <summary>Reports where it is called: <see cref="Progress{T}"/> would do so later, on another thread.</summary>
    sealed class Inline(Action<DownloadProgress> report) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => report(value);
    }

    sealed class Lines(WeightsFile file) : IProgress<DownloadProgress>
    {
        static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

        readonly long _start = Stopwatch.GetTimestamp();
        long _first = -1;
        TimeSpan _last;

        public void Report(DownloadProgress value)
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
            if (_first < 0)
            {
                _first = value.Received;
                if (_first > 0)
                    Programs.Report.Line($"going on after {Amount.Bytes(_first)}");
            }
            if (value.Trouble is { } trouble)
            {
                Programs.Report.Line(trouble);
                return;
            }
            if (value.Received < file.Size && elapsed - _last < s_interval)
                return;
            _last = elapsed;
            double rate = Math.Max(0, value.Received - _first) / Math.Max(elapsed.TotalSeconds, 1e-3);
            string left = rate > 0 && value.Received < file.Size
                ? string.Create(CultureInfo.InvariantCulture, $", {(file.Size - value.Received) / rate:0} s left") : "";
            Programs.Report.Line($"{100 * value.Received / file.Size} % of {Amount.Bytes(file.Size)}, {Amount.Bytes(rate)}/s{left}");
        }
    }
}
