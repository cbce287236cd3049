using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Cli;

/// <summary><c>severity predict</c>: scores images.</summary>
static class PredictCommand
{
    public static Command Create()
    {
        InputOption inputs = new();
        Option<string?> model = ModelOption.Create();
        Option<bool> trust = TrustOption.Create();
        Option<string?> mode = new("--mode")
        {
            Description = "throughput: many images at once, one core each; latency: one image at a time on all cores. "
                + "Default: throughput for several images.",
            HelpName = "throughput|latency",
        };
        mode.AcceptOnlyFromAmong("throughput", "latency");
        Option<int> threads = ThreadsOption.Create();
        RowsOption rows = new();
        Option<bool> resume = new("--resume")
        {
            Description = "Leave out images whose rows the file of -o (jsonl, csv or tsv) holds, by path and content.",
        };
        Option<bool> append = new("--append") { Description = "Add rows to those that the file of -o holds, whatever they are of." };
        Option<bool> list = new("--list")
        {
            Description = "Only print what would be scored, what not, and why. Nothing is scored, and no file is written.",
        };
        Option<bool> force = ForceOption.Create();
        Option<bool> failFast = new("--fail-fast")
        {
            Description = "End the run at the first image that has no score; those that are in work get their rows.",
        };
        Option<string?> relative = new("--relative-to")
        {
            Description = "A folder: rows name their files by the way from there, so that tables of several machines match.",
            HelpName = "DIR",
        };
        FolderOption.RequireThere(relative);
        Option<string?> shard = new("--shard")
        {
            Description = "Score a part of the images, one of N (I is 0 to N - 1): those whose names' hashes fall into it, the same ones "
                + "each time. auto takes I and N from a Slurm array, auto/N takes I from it or from an Indexed Job of Kubernetes.",
            HelpName = "I/N|auto",
        };
        Option<bool> unordered = new("--unordered") { Description = "Print rows as they are made, not in the order of the images." };
        Option<bool> quiet = new("--quiet", "-q")
        {
            Description = "No progress and no warnings; errors only in the exit code and in results.",
        };
        Option<bool> findings = FindingsOption.Create();
        Option<string?> features = new("--features")
        {
            Description = "Write the model's pooled features to a NumPy file: float32 [images, features], in the order of the rows; "
                + "NaN for one without a score.",
            HelpName = "FILE.npy",
        };
        Option<string?> interval = new("--interval")
        {
            Description = "Show where experts' scores lie with this probability, in percent, behind each score. Rows of the other formats "
                + "always have it; default: 90.",
            HelpName = "80|90|95",
        };
        interval.AcceptOnlyFromAmong("80", "90", "95");
        Option<bool> refuseOutside = RefuseOutsideOption.Create();
        SaliencyOption saliency = new();
        DicomResultOption dicom = new();
        ReadingOption reading = new();

        Command command = new("predict", "Scores images: geographic extent (0-8) and opacity (0-6). Research only, not for medical use.")
        {
            model, trust, list, mode, threads,
        };
        rows.AddTo(command);
        foreach (Option option in (Option[])[resume, append, force, relative, shard, unordered, failFast, quiet, findings, features,
            interval, refuseOutside])
            command.Add(option);
        inputs.AddTo(command);
        saliency.AddTo(command);
        dicom.AddTo(command);
        reading.AddTo(command);
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(resume) && !Output(parsed).CanResume)
                parsed.AddError("--resume needs a file of rows: -o FILE.csv, FILE.tsv or FILE.jsonl.");
            if (parsed.GetValue(append) && !Output(parsed).CanResume)
                parsed.AddError("--append needs a file of rows: -o FILE.csv, FILE.tsv or FILE.jsonl.");
            if (parsed.GetValue(append) && parsed.GetValue(resume))
                parsed.AddError("--resume adds the rows that are missing, --append all; give one of them.");
            if (parsed.GetValue(force) && (parsed.GetValue(resume) || parsed.GetValue(append)))
                parsed.AddError("--force replaces the rows that --resume and --append keep; leave it away.");
            if (parsed.GetValue(resume) && parsed.GetValue(features) is not null)
                parsed.AddError("--features writes a file that is only good whole; leave --resume away.");
        });
        command.SetAction(parsed =>
        {
            InputList images = inputs.Read(parsed) with { Shard = Part(parsed) };
            using CommandHost host = new();
            ImageLimits limits = reading.Read(parsed);
            if (parsed.GetValue(list))
                return new InputListing(images, limits, parsed.GetValue(relative), host).Run();
            ModelFile chosen = ModelOption.Resolve(parsed.GetValue(model));
            DicomFiles? results = dicom.Read(parsed, images, chosen);
            return new BatchRun(images, Output(parsed.CommandResult), chosen, host)
            {
                TrustModel = parsed.GetValue(trust),
                Mode = Choice<BatchMode>(parsed.GetValue(mode)),
                Threads = parsed.GetValue(threads),
                Ordered = !parsed.GetValue(unordered),
                FailFast = parsed.GetValue(failFast),
                Findings = parsed.GetValue(findings),
                FeaturePath = parsed.GetValue(features),
                RelativeTo = parsed.GetValue(relative),
                IntervalLevel = parsed.GetValue(interval) is { } percent ? int.Parse(percent, CultureInfo.InvariantCulture) / 100.0 : null,
                RefuseOutside = parsed.GetValue(refuseOutside),
                Limits = limits,
                Saliency = saliency.Read(parsed, images, isWanted: results?.Captures is not null),
                Dicom = results,
            }.Run();
        });
        return command;

        static T? Choice<T>(string? spelled) where T : struct, Enum => spelled is null ? null : Enum.Parse<T>(spelled, ignoreCase: true);

        Shard? Part(ParseResult parsed) => parsed.GetValue(shard) is not { } spelled ? null
            : Shard.Parse(spelled, Environment.GetEnvironmentVariable) with { RelativeTo = parsed.GetValue(relative) };

        ResultOutput Output(CommandResult parsed) => rows.Read(parsed) with
        {
            Resume = parsed.GetValue(resume),
            Append = parsed.GetValue(append),
            Quiet = parsed.GetValue(quiet),
            Force = parsed.GetValue(force),
        };
    }
}
