using System.CommandLine;
using SeverityEngine;
using SeverityEngine.Cli;
using SeverityEngine.Cli.CommandLine;

Failures.Prepare();
try
{
    ProgramStart.Prepare(typeof(Program).Assembly);
    // It takes longer than all else that must be there before an X-ray can be scored, and most of that can be done meanwhile.
    if (args is ["predict" or "bench", ..])
        SeverityRuntime.BeginLoadingOnnxRuntime();

    RootCommand root = new(
        "Scores the severity of pneumonia on frontal chest X-rays: geographic extent (0-8) and opacity (0-6).\n" +
        "Research only, not for medical use.")
    {
        PredictCommand.Create(),
        WatchCommand.Create(),
        MergeCommand.Create(),
        EvaluateCommand.Create(),
        CalibrateCommand.Create(),
        ReportCommand.Create(),
        BenchCommand.Create(),
        PhantomCommand.Create(),
        DicomCommand.Create(),
        ModelCommand.Create(),
        VersionCommand.Create(),
    };
    root.Add(HelpCommand.Create(root));
    root.Add(CompletionCommand.Create(root));
    return ProgramStart.Invoke(root, SeedSpelling.Expand(args, root));
}
#pragma warning disable CA1031 // Whatever it is, it ends in one line and an exit code.
catch (Exception e)
#pragma warning restore CA1031
{
    return Failures.End(e);
}
