using System.CommandLine;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Cli.Describe;
using SeverityEngine.Models.Domain;
using SeverityEngine.Onnx;
using SeverityEngine.Quality;

namespace SeverityEngine.Cli;

/// <summary><c>severity model describe</c>: a model that knows what the images that it is made for look like.</summary>
static class ModelDescribeCommand
{
    public static Command Create()
    {
        InputOption images = new();
        ReadingOption reading = new(withUids: false);
        Option<string?> model = ModelOption.Create();
        Option<bool> trust = TrustOption.Create();
        Option<int> threads = ThreadsOption.Create();
        Option<string> output = new("--output", "-o") { Description = "The model to write.", HelpName = "OUT.onnx", Required = true };
        Option<bool> force = ForceOption.Create();
        Option<bool> quiet = new("--quiet", "-q") { Description = "No progress and no warnings." };
        Command command = new("describe",
            "Writes a model that tells pictures like these from others: its domain check is fitted to your own X-rays, "
            + $"{DomainFit.FewestImages} at least, better several hundred.")
        {
            model, trust, threads, output, force, quiet,
        };
        images.AddTo(command);
        reading.AddTo(command);
        command.SetAction(parsed =>
        {
            InputList inputs = images.Read(parsed);
            ModelFile file = ModelOption.Resolve(parsed.GetValue(model));
            string path = parsed.GetValue(output)!;
            ModelOutput.RequireReplaceable(path, [.. inputs.FilesBeside([path]), file.Source], parsed.GetValue(force));
            OnnxModel graph = file.ToGraph(mustBeData: !parsed.GetValue(trust));
            using CommandHost host = new();
            ScoringRun scoring = new(inputs, file, host)
            {
                TrustModel = parsed.GetValue(trust),
                Threads = parsed.GetValue(threads),
                Limits = reading.Read(parsed),
                CheckDomain = false,
                Features = true,
                Input = true,
                Quiet = parsed.GetValue(quiet),
            };
            DomainStatistics? statistics = new DescribeRun(scoring, file, host).Run();
            if (statistics is null)
            {
                host.Line("severity: interrupted; nothing is written");
                return host.StopExitCode;
            }
            graph.Metadata[ModelContract.DomainKey] = DomainText.Write(statistics);
            Console.WriteLine(Describe(statistics));
            ModelOutput.Write(path, graph);
            return 0;
        });
        return command;
    }

    static string Describe(DomainStatistics statistics)
    {
        bool areFew = statistics.Images < DomainFit.FewestForFeatures;
        string features = (areFew, statistics.Features) switch
        {
            (false, { } own) => $"{own.Variance.Length} directions of {own.Mean.Length} features",
            (true, { }) => $"of features what the model knew, since they take {DomainFit.FewestForFeatures} images",
            (true, null) => $"no features, since they take {DomainFit.FewestForFeatures} images",
            (false, null) => "no features, since the model gives none",
        };
        return $"{statistics.Images} images: {statistics.Picture.Prototypes.Length / Thumbnail.Length} prototypes of pictures, {features}";
    }
}
