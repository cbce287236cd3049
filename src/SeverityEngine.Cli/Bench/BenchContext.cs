using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using SeverityEngine.IO;

namespace SeverityEngine.Cli.Bench;

/// <summary>What figures depend on, so that later ones can be compared: the engine, the model, the machine, the images, the day.</summary>
sealed class BenchContext
{
    /// <summary>The names, in JSON, of what is compared, and what each is called in a sentence.</summary>
    static readonly (string Name, string Words)[] s_texts =
    [
        ("engine", "engine"), ("onnx_runtime", "version of ONNX Runtime"), ("model", "model"), ("model_version", "model's version"),
        ("model_sha256", "model's content"), ("cpu", "processor"), ("cores", "number of cores"), ("instruction_sets", "instruction set"),
        ("os", "operating system"), ("image", "image"),
    ];

    readonly Dictionary<string, string> _texts = [];

    BenchContext()
    {
    }

    /// <summary>When it was measured, in ISO 8601.</summary>
    public string Date { get; private init; } = "";

    /// <summary>How many programs wanted a core in the minute before; null where the system doesn't say.</summary>
    public double? Load { get; private init; }

    int Cores => int.TryParse(_texts.GetValueOrDefault("cores"), CultureInfo.InvariantCulture, out int cores) ? cores : 1;

    /// <summary>The machine as it is now.</summary>
    public static BenchContext Here(ModelFile file, ModelInfo model, string images)
    {
        BenchContext context = new()
        {
            Date = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            Load = CurrentLoad(),
        };
        string[] texts =
        [
            SeverityRuntime.EngineVersion, SeverityRuntime.OnnxRuntimeVersion, model.Name, model.Version, file.Sha256, Cpu(),
            Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture), SeverityRuntime.InstructionSets,
            RuntimeInformation.OSDescription, images,
        ];
        foreach (((string name, _), string text) in s_texts.Zip(texts))
            context._texts.Add(name, text);
        return context;
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null for what is something else.</summary>
    public static BenchContext? Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return null;
        double load = 0;
        BenchContext context = new()
        {
            Date = json.TryGetProperty("date", out JsonElement date) && date.ValueKind == JsonValueKind.String ? date.GetString()! : "",
            Load = json.TryGetProperty("load", out JsonElement number) && number.ValueKind == JsonValueKind.Number
                && number.TryGetDouble(out load) ? load : null,
        };
        foreach ((string name, _) in s_texts)
        {
            if (!json.TryGetProperty(name, out JsonElement text))
                return null;
            context._texts.Add(name, text.ValueKind == JsonValueKind.String ? text.GetString()! : text.GetRawText());
        }
        return context;
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach ((string name, _) in s_texts)
        {
            if (name == "cores")
                json.WriteNumber(name, Cores);
            else
                json.WriteString(name, _texts[name]);
        }
        json.WriteString("date", Date);
        if (Load is { } load)
            json.WriteNumber("load", load);
        else
            json.WriteNull("load");
        json.WriteEndObject();
    }

    /// <summary>A sentence for each thing that makes these figures another thing's than those.</summary>
    public IEnumerable<string> DifferencesFrom(BenchContext old)
    {
        foreach ((string name, string words) in s_texts)
        {
            if (_texts[name] != old._texts[name])
                yield return $"The {words} differs: {old._texts[name]} then, {_texts[name]} now.";
        }
        foreach ((BenchContext context, string when) in ((BenchContext, string)[])[(old, "then"), (this, "now")])
        {
            // Half a core's work of other programs already shows where all cores are measured.
            if (context.Load is { } load && load > 0.5 && load > 0.25 * context.Cores)
            {
                yield return string.Create(CultureInfo.InvariantCulture,
                    $"Other programs were at work {when}: a load of {load:0.0} before the first measurement, "
                    + $"on {Amount.Of(context.Cores, "core")}.");
            }
        }
    }

    static double? CurrentLoad() =>
        SystemText.Lines("/proc/loadavg") is [string line, ..]
        && double.TryParse(line.Split(' ')[0], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double load) ? load : null;

    static string Cpu()
    {
        // x86-64 names the processor; boards with arm64 name themselves.
        string? name = SystemText.Lines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal));
        if (name?.Split(':', 2) is [_, string model])
            return model.Trim();
        if (SystemText.Lines("/proc/device-tree/model") is [string board, ..])
            return board.TrimEnd('\0');
        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
