using SeverityEngine.Batch.Pipeline;
using Spectre.Console;

namespace SeverityEngine.Cli;

/// <summary>Shows on standard error how far a run has come: a bar on a terminal, else a line every ten seconds.</summary>
static class ProgressDisplay
{
    static readonly TimeSpan s_lineInterval = TimeSpan.FromSeconds(10);
    static readonly TimeSpan s_barInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Shows progress while <paramref name="body"/> runs.</summary>
    public static void Show(BatchCounts counts, bool asBar, Action body)
    {
        if (asBar)
            ShowBar(counts, body);
        else
            ShowLines(counts, body);
    }

    static void ShowLines(BatchCounts counts, Action body)
    {
        using Timer timer = new(_ => Report.Line($"severity: {counts.Describe()}"), null, s_lineInterval, s_lineInterval);
        body();
    }

    static void ShowBar(BatchCounts counts, Action body)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        // What is reported meanwhile goes above the bar.
        Report.Through = console.WriteLine;
        try
        {
            Progress progress = console.Progress().AutoClear(true)
                .Columns(new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left });
            progress.Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(counts.Describe()), maxValue: 1);
                using Timer timer = new(_ => Update(task, counts), null, TimeSpan.Zero, s_barInterval);
                body();
            });
        }
        finally
        {
            Report.Through = null;
        }
    }

    static void Update(ProgressTask task, BatchCounts counts)
    {
        task.IsIndeterminate = counts.Total <= 0;
        task.MaxValue = Math.Max(counts.Total, 1);
        task.Value = counts.Total > 0 ? counts.Done : 0;
        task.Description = Markup.Escape(counts.Describe());
    }
}
