using System.CommandLine;
using System.Text;
using SeverityEngine.Cli.Evaluate;
using SeverityEngine.Evaluation.Agreement;
using SeverityEngine.Evaluation.Joins;
using SeverityEngine.Evaluation.Tables;
using SeverityEngine.IO;

namespace SeverityEngine.Cli;

/// <summary><c>severity evaluate</c>: how well scores agree with readers' scores.</summary>
static class EvaluateCommand
{
    public static Command Create()
    {
        InputOption inputs = new(also:
            "Rows that 'severity predict -o' wrote (names that end in .csv, .tsv, .jsonl or .json), those of several models too");
        TruthOption truth = new();
        ReadingOption reading = new(withUids: false);
        Option<string?> model = ModelOption.Create();
        Option<bool> trust = TrustOption.Create();
        Option<int> threads = ThreadsOption.Create();
        Option<string?> by = new("--by")
        {
            Description = "Also the figures of the images with each value of a column, of the readers' file or of the rows, such as "
                + "view or domain.verdict.",
            HelpName = "COLUMN",
        };
        Option<bool> inside = new("--inside-domain")
        {
            Description = "Leave out images that the rows say do not look like frontal chest X-rays.",
        };
        Option<string> format = new("--format")
        {
            Description = "text: tables for people; json: everything, in full precision.",
            HelpName = "text|json",
            DefaultValueFactory = _ => "text",
        };
        format.AcceptOnlyFromAmong("text", "json");
        Option<bool> quiet = new("--quiet", "-q") { Description = "No progress, and nothing about images that did not match." };
        Command command = new("evaluate",
            "Holds scores against experts': errors, correlations, limits of agreement, with intervals by resampled patients. "
            + "Of several models the differences too.")
        {
            by, inside, format, model, trust, threads, quiet,
        };
        truth.AddTo(command);
        inputs.AddTo(command);
        reading.AddTo(command);
        command.SetAction(parsed =>
        {
            ReaderFile readers = truth.Read(parsed)!;
            using CommandHost host = new();
            ScoredRows scored = ScoredRows.Read(inputs.Read(parsed), () => ModelOption.Resolve(parsed.GetValue(model)),
                (images, file) => new ScoringRun(images, file, host)
                {
                    TrustModel = parsed.GetValue(trust),
                    Threads = parsed.GetValue(threads),
                    Limits = reading.Read(parsed),
                    Quiet = parsed.GetValue(quiet),
                });
            if (host.StopExitCode != 0)
                return host.StopExitCode;
            ReaderJoin join = ReaderJoin.Of(ResultSeries.Of(scored.Files), readers);
            ReaderEvaluation evaluation;
            try
            {
                evaluation = new ReaderEvaluation(join, readers, parsed.GetValue(by), parsed.GetValue(inside), host.Stop);
            }
            catch (OperationCanceledException)
            {
                return host.StopExitCode;
            }
            if (!parsed.GetValue(quiet))
                Report(evaluation, readers, host);
            if (parsed.GetValue(format) == "json")
            {
                using MemoryStream json = new();
                EvaluationJson.Write(evaluation, readers.Table.Source, json);
                Console.WriteLine(Encoding.UTF8.GetString(json.GetBuffer(), 0, (int)json.Length));
            }
            else
                Console.Write(EvaluationText.Write(evaluation));
            return 0;
        });
        return command;
    }

    static void Report(ReaderEvaluation evaluation, ReaderFile readers, CommandHost host)
    {
        JoinReport.Write(evaluation.Join, readers.Table.Source, host);
        for (int s = 0; s < evaluation.Join.Series.Count; s++)
        {
            if (evaluation.OutsideDomain(s) is > 0 and int outside)
            {
                host.Warning($"{Amount.Of(outside, "image")} of {evaluation.Join.Series[s].Label} "
                    + (evaluation.InsideDomainAlone ? "outside the model's domain: left out"
                        : "outside the model's domain, whose scores mean nothing: they count; --inside-domain leaves them out"));
            }
        }
    }
}
