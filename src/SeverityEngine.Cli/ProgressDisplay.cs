using SeverityEngine.Batch.Pipeline;
using Spectre.Console;

namespace SeverityEngine.Cli;

/// <summary>Shows on standard error how far a run has come: a bar on a terminal, else a line every ten seconds.</summary>
static class ProgressDisplay
{
    static readonly TimeSpan s_lineInterval = TimeSpan.FromSeconds(10);
    static readonly TimeSpan s_barInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Shows progress while <paramref name="body"/> runs.</summary>
    public static void Show(IRunProgress progress, bool asBar, Action body)
    {
        if (asBar)
            ShowBar(progress, body);
        else
            ShowLines(progress, body);
    }

    static void ShowLines(IRunProgress progress, Action body)
    {
        using Timer timer = new(_ => Report.Line($"severity: {progress.Describe()}"), null, s_lineInterval, s_lineInterval);
        body();
    }

    static void ShowBar(IRunProgress progress, Action body)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        // What is reported meanwhile goes above the bar.
        Report.Through = console.WriteLine;
        try
        {
            Progress display = console.Progress().AutoClear(true)
                .Columns(new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left });
            display.Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(progress.Describe()), maxValue: 1);
                using Timer timer = new(_ => Update(task, progress), null, TimeSpan.Zero, s_barInterval);
                body();
            });
        }
        finally
        {
            Report.Through = null;
        }
    }

    static void Update(ProgressTask task, IRunProgress progress)
    {
        task.IsIndeterminate = progress.Total <= 0;
        task.MaxValue = Math.Max(progress.Total, 1);
        task.Value = progress.Total > 0 ? progress.Done : 0;
        task.Description = Markup.Escape(progress.Describe());
    }
}
