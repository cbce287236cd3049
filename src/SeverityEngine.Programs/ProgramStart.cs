using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Reflection;

namespace SeverityEngine.Programs;

/// <summary>How every program begins, and how it takes its command line.</summary>
static class ProgramStart
{
    /// <summary>Prepares the process; to be called first of all, after <see cref="Failures.Prepare"/>.</summary>
    /// <param name="program">The program's assembly. Published for one platform, it carries ONNX Runtime inside; built without one, that
    /// lies beside it.</param>
    public static void Prepare(Assembly program)
    {
        const string Embedded = "onnxruntime";
        GlibcHeap.Tune();
        ContentHash.MayUseSystemLibrary = true;
        if (program.GetManifestResourceInfo(Embedded) is not null)
            SeverityRuntime.UseEmbeddedOnnxRuntime(program, Embedded, keepCopy: true);
    }

    /// <summary>Does what a command line says, or tells what is wrong with it.</summary>
    /// <returns>The exit code.</returns>
    public static int Invoke(RootCommand root, string[] args)
    {
        root.Options.OfType<VersionOption>().Single().Aliases.Add("-V");
        ParseResult parsed = root.Parse(args, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
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
}
