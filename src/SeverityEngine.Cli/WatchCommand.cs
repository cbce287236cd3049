using System.CommandLine;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Batch.Watch;
using SeverityEngine.Cli.CommandLine;

namespace SeverityEngine.Cli;

/// <summary><c>severity watch</c>: scores what arrives in a folder.</summary>
static class WatchCommand
{
    static readonly TimeSpan s_leastSettle = TimeSpan.FromMilliseconds(10), s_leastPoll = TimeSpan.FromMilliseconds(100);

    public static Command Create()
    {
        Argument<string> folder = new("FOLDER")
        {
            Description = "The folder. What lies in it is scored first, then what arrives, by the rules of names by which "
                + "'severity predict' searches a folder; archives are not entered.",
        };
        Option<bool> recursive = RecursiveOption.Create();
        Option<string?> settle = new("--settle")
        {
            Description = "How long a file's size and times have to stand still before it counts as whole.",
            HelpName = "TIME",
            DefaultValueFactory = _ => "500ms",
        };
        Option<string?> poll = new("--poll")
        {
            Description = "Look at the folder every so often, such as 5s, in place of the system's notices; so it is done by itself on "
                + "network shares, of which no notices come.",
            HelpName = "TIME",
        };
        Option<string?> moveDone = new("--move-done")
        {
            Description = "Move files that are scored there, below the same folders, when the disk has their rows. Nothing is replaced: "
                + "where a name is taken, the file gets a number.",
            HelpName = "DIR",
        };
        Option<string?> moveFailed = new("--move-failed")
        {
            Description = "Likewise, files whose row is an error.",
            HelpName = "DIR",
        };
        Option<string?> model = ModelOption.Create();
        Option<bool> trust = TrustOption.Create();
        Option<int> threads = ThreadsOption.Create();
        RowsOption rows = new(isAddedTo: true);
        Option<bool> findings = FindingsOption.Create();
        Option<bool> refuseOutside = RefuseOutsideOption.Create();
        Option<bool> quiet = new("--quiet", "-q") { Description = "No warnings of images; errors only." };
        SaliencyOption saliency = new();
        DicomResultOption dicom = new();
        ReadingOption reading = new();
        Duration.Require(settle, s_leastSettle);
        Duration.Require(poll, s_leastPoll);

        Command command = new("watch",
            "Scores what arrives in a folder, until it is stopped: a row for each X-ray, once. Research only, not for medical use.")
        {
            folder, recursive, settle, poll, moveDone, moveFailed, model, trust, threads,
        };
        rows.AddTo(command);
        command.Add(quiet);
        command.Add(findings);
        command.Add(refuseOutside);
        saliency.AddTo(command);
        dicom.AddTo(command);
        reading.AddTo(command);
        command.SetAction(parsed =>
        {
            using CommandHost host = new();
            InputList watched = new([parsed.GetValue(folder)!], Recursive: parsed.GetValue(recursive));
            ModelFile chosen = ModelOption.Resolve(parsed.GetValue(model));
            DicomFiles? results = dicom.Read(parsed, watched, chosen);
            return new WatchRun(new WatchOptions(watched.Paths[0], rows.Read(parsed.CommandResult) with { Quiet = parsed.GetValue(quiet) })
            {
                Recursive = watched.Recursive,
                Settle = Duration.Of(parsed.GetValue(settle))!.Value,
                Poll = Duration.Of(parsed.GetValue(poll)),
                MoveDone = parsed.GetValue(moveDone),
                MoveFailed = parsed.GetValue(moveFailed),
                Findings = parsed.GetValue(findings),
                RefuseOutside = parsed.GetValue(refuseOutside),
                Saliency = saliency.Read(parsed, watched, isWanted: results?.Captures is not null),
                Dicom = results,
                Limits = reading.Read(parsed),
                Threads = parsed.GetValue(threads),
                TrustModel = parsed.GetValue(trust),
            }, chosen, host).Run();
        });
        return command;
    }
}
