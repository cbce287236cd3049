using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using SeverityEngine;
using SeverityEngine.Cli;
using SeverityEngine.Cli.CommandLine;

Failures.Prepare();
try
{
    GlibcHeap.Tune();
    ContentHash.MayUseSystemLibrary = true;

    // Published for one platform, the program carries ONNX Runtime inside; built without one, it lies beside it.
    const string Embedded = "onnxruntime";
    if (typeof(Program).Assembly.GetManifestResourceInfo(Embedded) is not null)
        SeverityRuntime.UseEmbeddedOnnxRuntime(typeof(Program).Assembly, Embedded);
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
    root.Options.OfType<VersionOption>().Single().Aliases.Add("-V");

    ParseResult parsed = root.Parse(SeedSpelling.Expand(args, root),
        new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
    // An empty value, as an unset variable of a shell leaves behind, names nothing.
    string[] empty = [.. parsed.CommandResult.Children.OfType<OptionResult>().Where(o =>
        o.Tokens.Any(t => t.Value.Length == 0)).Select(o => o.Option.Name)];
    if (parsed.Action is ParseErrorAction || empty.Length > 0)
    {
        // Of a word that is no command the parser says three things; one is enough.
        string? unknown = UnknownCommand.Fault(parsed);
        foreach (string error in unknown is not null ? [unknown] : parsed.Errors.Select(e => e.Message))
            Report.Error(error);
        foreach (string option in empty)
            Report.Error($"{option} is given an empty value; give it one, or leave it away.");
        Report.Line($"Run '{CommandPath.Of(parsed)} --help' for its options.");
        return SeverityError.InvalidArgument.ExitCode();
    }
    return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
#pragma warning disable CA1031 // Whatever it is, it ends in one line and an exit code.
catch (Exception e)
#pragma warning restore CA1031
{
    return Failures.End(e);
}
