using System.CommandLine;
using System.CommandLine.Parsing;
using SeverityEngine.Cli.Evaluate;
using SeverityEngine.Evaluation.Report;
using SeverityEngine.IO;

namespace SeverityEngine.Cli;

/// <summary><c>severity report</c>: one file of HTML that shows rows.</summary>
static class ReportCommand
{
    public static Command Create()
    {
        Argument<string[]> rows = new("ROWS")
        {
            Description = "Files of rows that 'severity predict -o' wrote: csv, tsv, jsonl or json; several of one run, or of several "
                + "models.",
            Arity = ArgumentArity.OneOrMore,
        };
        TruthOption truth = new(required: false);
        Option<string> output = new("--output", "-o")
        {
            Description = "The report; one that is there is replaced, another file is not.",
            HelpName = "FILE.html",
            Required = true,
        };
        Option<bool> force = ForceOption.Create();
        Option<string?> images = new("--images")
        {
            Description = "Where relative paths of the rows begin, such as the folder that --relative-to named. Default: the current "
                + "folder.",
            HelpName = "DIR",
        };
        FolderOption.RequireThere(images);
        Option<bool> anonymous = new("--anonymous")
        {
            Description = "Leave out file names, paths and UIDs: rows are numbered. What is burnt into an X-ray can be seen in its "
                + "picture; --no-pictures leaves those out.",
        };
        Option<bool> noPictures = new("--no-pictures") { Description = "Leave out the pictures of X-rays and maps." };
        Option<int> threads = ThreadsOption.Create();
        Option<bool> quiet = new("--quiet", "-q") { Description = "No progress and no warnings." };
        ReadingOption reading = new(withUids: false);
        Command command = new("report",
            "Writes a report to look at: one file of HTML with the scores' distribution, each image beside its saliency map, warnings and "
            + "errors, and the agreement with readers. Research only, not for medical use.")
        {
            rows, output, force, images, anonymous, noPictures, threads, quiet,
        };
        truth.AddTo(command);
        reading.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(output)!;
            string[] files = parsed.GetValue(rows)!;
            OutputGuard.RequireOthers([("-o", path)], truth.Path(parsed) is { } readers ? [.. files, readers] : files);
            OutputGuard.RequireKind(path, "a report", HtmlReport.IsReport, parsed.GetValue(force));
            ReportRequest request = new()
            {
                Rows = files,
                Truth = truth.Read(parsed),
                Images = parsed.GetValue(images),
                IsAnonymous = parsed.GetValue(anonymous),
                HasPictures = !parsed.GetValue(noPictures),
                Limits = reading.Read(parsed),
                Threads = parsed.GetValue(threads),
                CommandLine = CommandLineOf(parsed, parsed.GetValue(anonymous)),
                Date = FixedTime.Read() ?? DateTimeOffset.UtcNow,
            };
            using CommandHost host = new();
            bool isQuiet = parsed.GetValue(quiet);
            ReportCounts? counts = null;
            WorkProgress progress = new("making the report");
            if (isQuiet)
                counts = HtmlReport.Write(path, request, null, host.Stop);
            else
                host.ShowProgress(progress, () => counts = HtmlReport.Write(path, request, progress, host.Stop));
            if (counts is null)
            {
                host.Line("severity: interrupted; nothing is written");
                return host.StopExitCode;
            }
            if (!isQuiet)
                Say(counts.Value, host);
            if (!FileStatus.IsStream(path))
                Console.WriteLine($"wrote {path} ({Amount.Of(counts.Value.Rows, "row")}, {Amount.Bytes(new FileInfo(path).Length)})");
            return 0;
        });
        return command;
    }

    static void Say(ReportCounts counts, CommandHost host)
    {
        if (counts.Joined == 0)
            host.Warning("none of the rows has readers' scores: --truth names other images; the report shows no agreement");
        if (counts.Missing > 0)
        {
            host.Warning($"{Amount.Of(counts.Missing, "image is", "images are")} not where the rows say and not shown; "
                + "name the folder that paths begin at with --images");
        }
        if (counts.Unread > 0)
            host.Warning($"{Amount.Of(counts.Unread, "image")} could not be read and not shown; the report says why");
        if (counts.Maps > 0)
            host.Warning($"{Amount.Of(counts.Maps, "saliency map is", "saliency maps are")} not shown; the report says why");
    }

    /// <summary>The command as it was given; without what names something where nothing may be named.</summary>
    static string CommandLineOf(ParseResult parsed, bool isAnonymous) => string.Join(' ', parsed.Tokens.Select(token =>
        token.Type != TokenType.Argument ? token.Value : isAnonymous ? "..." : Quoted(token.Value)).Prepend("severity"));

    static string Quoted(string word) => word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "-_./=:,+@%".Contains(c))
        ? word : $"'{word.Replace("'", "'\\''")}'";
}
