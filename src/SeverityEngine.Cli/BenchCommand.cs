using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Cli.Bench;
using SeverityEngine.IO;

namespace SeverityEngine.Cli;

/// <summary><c>severity bench</c>: how fast this machine scores, by stage, threads and mode.</summary>
static class BenchCommand
{
    /// <summary>Images of a batch are all in memory at once.</summary>
    const int MostImagesOfBatch = 1024;

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
        Option<int> warmUp = new("--warm-up")
        {
            Description = "Batches to score before, unmeasured.",
            HelpName = "N",
            DefaultValueFactory = _ => 3,
        };
        Option<string> format = new("--format")
        {
            Description = "text, or json: an array of objects.",
            HelpName = "text|json",
            DefaultValueFactory = _ => "text",
        };
        format.AcceptOnlyFromAmong("text", "json");
        foreach (Option option in (Option[])[threads, batch, iterations, seconds, warmUp])
            option.Validators.Add(result => RequireRange(option, result,
                lowest: option == threads || option == warmUp ? 0 : option == seconds ? 0.001 : 1,
                highest: option == threads ? PredictorOptions.MostThreads : option == batch ? MostImagesOfBatch : 1_000_000));

        Command command = new("bench", "Measures how fast this machine scores: latency and throughput by stage, threads and mode.")
        {
            model, trust, threads, mode, batch, iterations, seconds, warmUp, format,
        };
        inputs.AddTo(command);
        reading.AddTo(command);
        command.SetAction(parsed =>
        {
            ModelFile file = ModelOption.Resolve(parsed.GetValue(model));
            BenchLimit limit = new(parsed.GetValue(warmUp), parsed.GetValue(iterations), TimeSpan.FromSeconds(parsed.GetValue(seconds)));
            BatchMode? chosen = parsed.GetValue(mode) is { } spelled ? Enum.Parse<BatchMode>(spelled, ignoreCase: true) : null;
            bool asText = parsed.GetValue(format) == "text";
            using BenchImages loaded = BenchImages.Load(inputs.Read(parsed), reading.Read(parsed));
            List<BenchRow> rows = [];
            foreach (BenchSetting setting in BenchSetting.Choose(chosen, parsed.GetValue(threads), parsed.GetValue(batch)))
            {
                using SeverityPredictor predictor = SeverityPredictor.Create(setting.Options(file, parsed.GetValue(trust)));
                if (asText && rows.Count == 0)
                    PrintHeading(predictor.Model, loaded.Description);
                IReadOnlyList<BenchRow> measured = new BenchRun(loaded, setting, limit, predictor).Run();
                if (asText)
                    PrintRows(measured);
                rows.AddRange(measured);
            }
            if (!asText)
                PrintJson(rows);
            return 0;
        });
        return command;
    }

    static void RequireRange(Option option, OptionResult result, double lowest, double highest)
    {
        // What is no number has its own error, and asking for its value would throw.
        if (result.Tokens is [{ Value: string text }]
            && double.TryParse(text, CultureInfo.InvariantCulture, out double value)
            && !(value >= lowest && value <= highest))
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be {lowest} to {highest}."));
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
                $"{ModeName(row),-11} {row.Setting.Threads,7} {row.Setting.Batch,6}  {row.Stage,-10} {row.P50,9:0.000} {row.P90,9:0.000} "
                    + $"{row.P99,9:0.000} {row.ImagesPerSecond,11:0.0}"));
        }
    }

    static void PrintJson(List<BenchRow> rows)
    {
        using Stream output = StandardStreams.OpenOutput();
        using (Utf8JsonWriter writer =
            new(output, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartArray();
            foreach (BenchRow row in rows)
            {
                writer.WriteStartObject();
                writer.WriteString("stage", row.Stage);
                writer.WriteString("mode", ModeName(row));
                writer.WriteNumber("threads", row.Setting.Threads);
                writer.WriteNumber("batch", row.Setting.Batch);
                writer.WriteNumber("p50_ms", row.P50);
                writer.WriteNumber("p90_ms", row.P90);
                writer.WriteNumber("p99_ms", row.P99);
                writer.WriteNumber("images_per_second", row.ImagesPerSecond);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        output.Write("\n"u8);
    }

    static string ModeName(BenchRow row) => row.Setting.Mode == BatchMode.Throughput ? "throughput" : "latency";
}
