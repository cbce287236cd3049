using System.CommandLine;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Cli.Calibrate;
using SeverityEngine.Cli.Evaluate;
using SeverityEngine.Evaluation;
using SeverityEngine.Evaluation.Calibration;
using SeverityEngine.Evaluation.Tables;
using SeverityEngine.IO;
using SeverityEngine.Onnx;

namespace SeverityEngine.Cli;

/// <summary><c>severity calibrate</c>: a model whose scores agree better with one's own readers.</summary>
static class CalibrateCommand
{
    /// <summary>With fewer images a refit is as likely to harm as to help.</summary>
    const int Few = 50;

    public static Command Create()
    {
        InputOption images = new(also: "Rows that 'severity predict -o' wrote (names that end in .csv, .tsv, .jsonl or .json)");
        TruthOption truth = new();
        ReadingOption reading = new(withUids: false);
        Option<string?> model = ModelOption.Create();
        Option<bool> trust = TrustOption.Create();
        Option<int> threads = ThreadsOption.Create();
        Option<string> output = new("--output", "-o") { Description = "The model to write.", HelpName = "OUT.onnx", Required = true };
        Option<string?> name = new("--name") { Description = "What the model calls itself; OUT where not given.", HelpName = "NAME" };
        Option<bool> evenIfWorse = new("--even-if-worse")
        {
            Description = "Refit both scores, each in the best of the ways, even where cross-validation finds none better than the score "
                + "as it is.",
        };
        Option<bool> force = ForceOption.Create();
        Option<bool> quiet = new("--quiet", "-q") { Description = "No progress and no warnings." };
        Command command = new("calibrate",
            "Writes a model whose scores agree better with your readers: compares ways to refit each score by cross-validation, and takes "
            + "the best. Nothing is written where none is better than the scores as they are.")
        {
            model, trust, threads, output, name, evenIfWorse, force, quiet,
        };
        images.AddTo(command);
        truth.AddTo(command);
        reading.AddTo(command);
        command.SetAction(parsed =>
        {
            InputList inputs = images.Read(parsed);
            bool areRows = AreRows(inputs), isQuiet = parsed.GetValue(quiet);
            ModelFile file = ModelOption.Resolve(parsed.GetValue(model));
            string path = parsed.GetValue(output)!;
            ModelOutput.RequireReplaceable(path, [.. inputs.FilesBeside([path]), truth.Path(parsed)!, file.Source], parsed.GetValue(force));
            OnnxModel graph = file.ToGraph(mustBeData: !parsed.GetValue(trust));
            ReaderFile readers = truth.Read(parsed)!;
            using CommandHost host = new();
            ScoringRun scoring = new(inputs, file, host)
            {
                TrustModel = parsed.GetValue(trust),
                Threads = parsed.GetValue(threads),
                Limits = reading.Read(parsed),
                Features = true,
                Quiet = isQuiet,
            };
            CalibrationInput input = new(readers, file, host, isQuiet);
            CalibrationOutcome? outcome = (areRows ? input.FromRows(inputs.Paths) : input.FromImages(scoring)) is { } data
                ? Compare(data, readers, parsed.GetValue(evenIfWorse), scoring, host) : null;
            if (outcome is null)
            {
                host.Line("severity: interrupted; nothing is written");
                return host.StopExitCode;
            }
            Print(outcome);
            if (outcome.ChangesNothing)
            {
                throw new SeverityException(SeverityError.VerificationFailed, "nothing is written: no refit is better than the scores as "
                    + "they are; take more images, or write the best of them all the same with --even-if-worse");
            }
            outcome.WriteTo(graph, file, NameOf(parsed.GetValue(name), path));
            foreach (string line in outcome.Lines())
                Console.WriteLine(line);
            ModelOutput.Write(path, graph);
            return 0;
        });
        return command;
    }

    /// <summary>What a model calls itself that is not told.</summary>
    static string NameOf(string? given, string path) =>
        given ?? (Path.GetFileNameWithoutExtension(path) is { Length: > 0 } stem ? stem : "calibrated");

    /// <summary>Compares the refits; null when that was stopped.</summary>
    static CalibrationOutcome? Compare(
        CalibrationData data, ReaderFile readers, bool evenIfWorse, ScoringRun scoring, CommandHost host)
    {
        if (!ScoreKinds.All.Any(kind => CalibrationOutcome.IsEnough(data.SampleOf(kind))))
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{readers.Table.Source}: {ImagesOf(data)} with scores by the model and by readers are too few to learn from; take at "
                + $"least {ScoreCalibration.FewestImages} of {ScoreCalibration.FewestGroups} patients, better {Few} or more");
        }
        if (!scoring.Quiet)
            Say(data, readers, host);
        WorkProgress progress = new("comparing refits");
        CalibrationOutcome? outcome = null;
        try
        {
            if (scoring.Quiet)
                Run();
            else
                host.ShowProgress(progress, Run);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        return outcome;

        void Run() => outcome = CalibrationOutcome.Of(data, evenIfWorse, progress, host.Stop);
    }

    /// <summary>Whether what was named are files of rows, not images.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: they are both.</exception>
    static bool AreRows(InputList inputs)
    {
        if (inputs.Paths.FirstOrDefault(ScoredRows.IsRows) is not { } rows)
            return false;
        return inputs.List is null && inputs.Paths.All(ScoredRows.IsRows) ? true : throw new SeverityException(
            SeverityError.InvalidArgument, $"{rows} is a file of rows, and other inputs are images; name either");
    }

    static void Say(CalibrationData data, ReaderFile readers, CommandHost host)
    {
        if (!data.HasPatients)
        {
            host.Warning($"{readers.Table.Source} has no column of patients: each image counts as a patient of its own, and figures are "
                + "too good where patients have several; name the column with --truth-columns patient=COLUMN");
        }
        if (data.WithoutPatient > 0)
        {
            host.Warning($"{readers.Table.Source} names no patient for {Amount.Of(data.WithoutPatient, "image")}: each counts as one of "
                + "its own");
        }
        if (data.Count < Few)
            host.Warning($"{data.Count} images are few: with fewer than {Few} a refit is as likely to harm as to help");
        if (!data.HasFeatures)
        {
            host.Line("severity: no ridge on the features is tried, since these are not known: it takes images, and a model that gives "
                + "features");
        }
    }

    static void Print(CalibrationOutcome outcome)
    {
        CalibrationData data = outcome.Data;
        Console.WriteLine(
            $"{ImagesOf(data)}, {outcome.Folds}-fold cross-validation by {(data.HasPatients ? "patient" : "image")}; * is the best");
        foreach (ScoreKind kind in ScoreKinds.All)
        {
            Console.WriteLine();
            foreach (string line in outcome.Of(kind) is { } found ? CalibrationTable.Lines(kind, found) : [$"{kind.Title}: too few images"])
                Console.WriteLine(line);
        }
        Console.WriteLine();
    }

    static string ImagesOf(CalibrationData data) =>
        Amount.Of(data.Count, "image") + (data.HasPatients ? $" of {Amount.Of(data.Groups, "patient")}" : "");
}
