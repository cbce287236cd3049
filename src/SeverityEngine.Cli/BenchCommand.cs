using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Cli.Bench;
using SeverityEngine.IO;

namespace SeverityEngine.Cli;

/// <summary><c>severity bench</c>: how fast this machine scores, by stage, threads and mode.</summary>
static class BenchCommand
{
    /// <summary>Images of a batch are all in memory at once.</summary>
    const int MostImagesOfBatch = 1024;

    /// <summary>The most batches to measure, and seconds.</summary>
    const int MostIterations = 1_000_000;

    public static Command Create()
    {
        InputOption inputs = new(instead: "a synthetic X-ray of 1024 x 1024 pixels");
        ReadingOption reading = new(withUids: false);
        Option<string?> model = ModelOption.Create();
        Option<bool> trust = TrustOption.Create();
        Option<int?> threads = new("--threads") { Description = "Cores to use; 0 uses all. Default: one, and all.", HelpName = "N" };
        Option<string?> mode = new("--mode")
        {
            Description = "throughput: many images at once, one core each; latency: one image at a time on all cores. Default: both.",
            HelpName = "throughput|latency",
        };
        mode.AcceptOnlyFromAmong("throughput", "latency");
        Option<int> batch = new("--batch")
        {
            Description = "Images in one run of the network.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        Option<int?> iterations = new("--iterations")
        {
            Description = "Batches to measure for each setting, in place of a time.",
            HelpName = "N",
        };
        Option<double> seconds = new("--seconds")
        {
            Description = "How long to measure each setting.",
            HelpName = "S",
            DefaultValueFactory = _ => 3,
        };
        Option<string> warmUp = new("--warm-up", "--warmup")
        {
            Description = "What to score before, unmeasured: so many batches, or for a time, such as 500ms or 2s.",
            HelpName = "N|TIME",
            DefaultValueFactory = _ => "3",
        };
        warmUp.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string text }] && WarmUp.Parse(text) is null)
                result.AddError($"--warm-up {text}: give a number of batches up to 1000000, or a time such as 500ms or 2s, up to 3600s.");
        });
        Option<string?> compare = new("--compare")
        {
            Description = "Results of an earlier run, in json: shows how many times as fast each stage is now, and what else differs.",
            HelpName = "OLD.json",
        };
        Option<string> format = new("--format")
        {
            Description = "text, or json: an object with the context of the measurement and its results.",
            HelpName = "text|json",
            DefaultValueFactory = _ => "text",
        };
        format.AcceptOnlyFromAmong("text", "json");
        NumberRange.Require(threads, 0, PredictorOptions.MostThreads);
        NumberRange.Require(batch, 1, MostImagesOfBatch);
        NumberRange.Require(iterations, 1, MostIterations);
        NumberRange.Require(seconds, 0.001, MostIterations);

        Command command = new("bench", "Measures how fast this machine scores: latency and throughput by stage, threads and mode.")
        {
            model, trust, threads, mode, batch, iterations, seconds, warmUp, format, compare,
        };
        inputs.AddTo(command);
        reading.AddTo(command);
        command.SetAction(parsed =>
        {
            ModelFile file = ModelOption.Resolve(parsed.GetValue(model));
            BenchLimit limit = new(WarmUp.Parse(parsed.GetValue(warmUp)!)!.Value, parsed.GetValue(iterations),
                TimeSpan.FromSeconds(parsed.GetValue(seconds)));
            BatchMode? chosen = parsed.GetValue(mode) is { } spelled ? Enum.Parse<BatchMode>(spelled, ignoreCase: true) : null;
            bool asText = parsed.GetValue(format) == "text";
            BenchComparison? old = parsed.GetValue(compare) is { } path ? BenchComparison.Read(path) : null;
            using BenchImages loaded = BenchImages.Load(inputs.Read(parsed), reading.Read(parsed));
            List<BenchRow> rows = [];
            BenchContext? context = null;
            foreach (BenchSetting setting in BenchSetting.Choose(chosen, parsed.GetValue(threads), parsed.GetValue(batch)))
            {
                PeakMemory.Reset();
                long start = Stopwatch.GetTimestamp();
                using SeverityPredictor predictor = SeverityPredictor.Create(setting.Options(file, parsed.GetValue(trust)));
                double creation = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                context ??= BenchContext.Here(file, predictor.Model, loaded.Description);
                if (asText && rows.Count == 0)
                    PrintHeading(predictor.Model, loaded.Description);
                IReadOnlyList<BenchRow> measured = new BenchRun(loaded, setting, limit, predictor).Run();
                long? peak = PeakMemory.Read();
                if (asText)
                    PrintRows(measured);
                rows.AddRange(measured.Select(row => row with { Creation = creation, PeakMemory = peak }));
            }
            WarnOfFew(rows);
            BenchRatios? ratios = old?.With(context!, rows);
            if (!asText)
                BenchJson.Print(context!, rows, ratios);
            else if (ratios is not null)
                PrintRatios(ratios);
            return 0;
        });
        return command;
    }

    static void PrintHeading(ModelInfo model, string images)
    {
        Console.WriteLine($"severity {SeverityRuntime.EngineVersion}, ONNX Runtime {SeverityRuntime.OnnxRuntimeVersion}, "
            + $"{Environment.ProcessorCount} cores, {SeverityRuntime.InstructionSets}");
        Console.WriteLine($"{model.Name} {model.Version} on {images}");
        Console.WriteLine();
        Console.WriteLine("mode        threads  batch  stage         p50 ms    p90 ms    p99 ms    images/s");
    }

    static void PrintRows(IReadOnlyList<BenchRow> rows)
    {
        foreach (BenchRow row in rows)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.ModeName,-11} {row.Setting.Threads,7} {row.Setting.Batch,6}  {row.Stage,-10} {row.P50,9:0.000} {row.P90,9:0.000} "
                    + $"{row.P99,9:0.000} {row.ImagesPerSecond,11:0.0}"));
        }
    }

    static void PrintRatios(BenchRatios ratios)
    {
        Console.WriteLine();
        Console.WriteLine(Printable.Text($"compared with {ratios.Path}, of {ratios.Date}; ratio: how many times as fast as then"));
        foreach (string difference in ratios.Differences)
            Console.WriteLine(Printable.Text(difference));
        Console.WriteLine("mode        threads  batch  stage       then p50    now p50    ratio");
        foreach (BenchRatio ratio in ratios.Ratios)
        {
            BenchRow row = ratio.Now;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.ModeName,-11} {row.Setting.Threads,7} {row.Setting.Batch,6}  {row.Stage,-10} {ratio.Old,9:0.000}  {row.P50,9:0.000} "
                    + $"{(ratio.Ratio is { } times ? times.ToString("0.00", CultureInfo.InvariantCulture) : "-"),8}"));
        }
    }

    static void WarnOfFew(List<BenchRow> rows)
    {
        int fewest = rows.Min(row => row.Count);
        if (BenchRow.AreFew(fewest))
        {
            Report.Warning($"few samples: {Amount.Of(fewest, "batch", "batches")} where fewest were measured, less than "
                + $"{BenchRow.FewSamples}; percentiles and comparisons say little. Measure longer: --seconds or --iterations");
        }
    }
}
