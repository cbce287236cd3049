using System.CommandLine;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Merge;
using SeverityEngine.Batch.Rows;
using SeverityEngine.IO;

namespace SeverityEngine.Cli;

/// <summary><c>severity merge</c>: one file of the rows of several runs.</summary>
static class MergeCommand
{
    public static Command Create()
    {
        Argument<string[]> rows = new("ROWS")
        {
            Description = "Files of rows that 'severity predict -o' wrote: csv, tsv or jsonl, mixed as they are.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> output = new("--output", "-o")
        {
            Description = "The merged rows: .csv, .tsv, .jsonl or .parquet; written whole or not at all. A file that is there is "
                + "replaced with --force alone.",
            HelpName = "FILE",
        };
        Option<string?> format = new("--format")
        {
            Description = "How rows are written. Default: by the name of -o, else csv.",
            HelpName = "csv|tsv|jsonl|parquet",
        };
        format.AcceptOnlyFromAmong("csv", "tsv", "jsonl", "parquet");
        Option<string?> expect = new("--expect")
        {
            Description = "A list of the images that there should be rows of, one name a line, as the rows have them; - for standard "
                + "input. Those without a row are counted, and the exit code is 3.",
            HelpName = "LIST",
        };
        Option<bool> nul = new("-0", "--null") { Description = "A NUL, not a line's end, comes after each name of the list." };
        Option<string?> missing = new("--missing")
        {
            Description = "Write the names that have no row to a file, for 'severity predict --from-list'.",
            HelpName = "FILE",
        };
        Option<bool> mixed = new("--mixed")
        {
            Description = "Merge rows of several models or versions of this program; each model's rows are kept.",
        };
        Option<bool> csvSafe = new("--csv-safe")
        {
            Description = "In csv and tsv, put an apostrophe before texts that begin with =, +, - or @, "
                + "which spreadsheets would take for formulas.",
        };
        Option<string?> temporary = new("--temporary")
        {
            Description = "Where rows that do not fit into memory are kept meanwhile. Default: the folder of -o.",
            HelpName = "DIR",
        };
        FolderOption.RequireThere(temporary);
        Option<bool> force = ForceOption.Create();
        Option<bool> quiet = new("--quiet", "-q") { Description = "No progress and no warnings." };
        Command command = new("merge",
            "Makes one file of the rows of several runs, such as the shards of 'severity predict --shard': in natural order, each image "
            + "once. Of rows of one image and content a score is kept before an error, and then the newest by the time of its file. "
            + "Research only, not for medical use.")
        {
            rows, output, format, expect, nul, missing, mixed, csvSafe, temporary, force, quiet,
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(missing) is not null && parsed.GetValue(expect) is null)
                parsed.AddError("--missing tells what a list has and the rows do not; name the list with --expect.");
            if (parsed.GetValue(nul) && parsed.GetValue(expect) is null)
                parsed.AddError("-0 tells how the names of --expect are separated; name that list.");
        });
        command.SetAction(parsed =>
        {
            string[] files = parsed.GetValue(rows)!;
            string? list = parsed.GetValue(expect), absent = parsed.GetValue(missing);
            bool isQuiet = parsed.GetValue(quiet);
            MergeOutput target = new(
                parsed.GetValue(output), Format(parsed.GetValue(format)), parsed.GetValue(csvSafe), parsed.GetValue(force));
            List<(string, string)> outputs = [];
            if (target.File is not null)
                outputs.Add(("-o", target.File));
            if (absent is not null)
                outputs.Add((missing.Name, absent));
            OutputGuard.RequireOthers(outputs, list is null or StandardInput.Spelling ? files : [.. files, list]);
            target.RequireReplaceable();
            using CommandHost host = new();
            if (absent is not null)
                OutputGuard.RequireNew(absent, parsed.GetValue(force));
            using NameList? names = absent is null ? null : new NameList(absent, parsed.GetValue(nul));
            WorkProgress progress = new("merging");
            RowMerge merge = new()
            {
                Rows = files,
                Expected = list is null ? null : PathList.Open(list, parsed.GetValue(nul)),
                Missing = names is null ? null : names.Add,
                IsMixed = parsed.GetValue(mixed),
                Temporary = parsed.GetValue(temporary) ?? target.Folder,
                Warn = message => SayUnless(isQuiet, message, host),
                Progress = progress,
                Stop = host.Stop,
            };
            MergeCounts? counts = null;
            try
            {
                if (isQuiet || target.File is null)
                    counts = merge.Run(target.Open);
                else
                    host.ShowProgress(progress, () => counts = merge.Run(target.Open));
            }
            catch (OperationCanceledException) when (host.StopExitCode != 0)
            {
                host.Line("severity: interrupted; nothing is written");
                return host.StopExitCode;
            }
            names?.Complete();
            if (!isQuiet)
                Say(counts!, files.Length, target.File, absent, host);
            return counts!.Missing > 0 ? SeverityError.FileNotFound.ExitCode() : 0;
        });
        return command;
    }

    static ResultFormat? Format(string? spelled) => spelled is null ? null : Enum.Parse<ResultFormat>(spelled, ignoreCase: true);

    static void SayUnless(bool isQuiet, string message, CommandHost host)
    {
        if (!isQuiet)
            host.Warning(message);
    }

    static void Say(MergeCounts counts, int files, string? output, string? absent, CommandHost host)
    {
        if (counts.Ambiguous > 0)
        {
            host.Warning($"{Amount.Of(counts.Ambiguous, "name has", "names have")} rows of several contents, which are all kept: the files "
                + "changed between the runs, or runs in different folders gave two images one name");
        }
        if (counts.Missing > 0)
        {
            string some = string.Join(", ", counts.SomeMissing.Select(Printable.Text));
            host.Warning($"{Amount.Of(counts.Missing, "image")} of {counts.Expected} expected "
                + (counts.Missing == 1 ? "has no row: " : "have no row: ") + some
                + (counts.Missing > counts.SomeMissing.Count ? ", ..." : "")
                + (absent is null ? "; --missing FILE writes them all" : $"; all are in {absent}"));
        }
        if (counts.Unexpected > 0)
            host.Warning($"{Amount.Of(counts.Unexpected, "image")} with rows {(counts.Unexpected == 1 ? "is" : "are")} not in the list");
        host.Line($"severity: {Amount.Of(counts.Rows, "row")} of {Amount.Of(files, "file")}"
            + $", {Amount.Of(counts.Faulty, "error")} among them, {Amount.Of(counts.Duplicates, "duplicate")} dropped"
            + (output is null ? "" : $"; they are in {output}"));
    }
}
