using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using SeverityEngine.IO;
using SeverityEngine.Onnx;

namespace SeverityEngine.Cli;

/// <summary><c>severity model info</c>: what a model file holds.</summary>
static class ModelInfoCommand
{
    public static Command Create()
    {
        Argument<string?> model = new("MODEL")
        {
            Description = "An ONNX file or an installed model's name; the built-in model where not given.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string> format = new("--format")
        {
            Description = "text or json.",
            HelpName = "text|json",
            DefaultValueFactory = _ => "text",
        };
        format.AcceptOnlyFromAmong("text", "json");
        Command command = new("info", "Shows a model's contract, metadata, operators, parameters, size and hash.") { model, format };
        command.SetAction(parsed =>
        {
            ModelFile file = ModelOption.Resolve(parsed.GetValue(model));
            ModelSummary summary = ModelSummary.Of(file);
            if (parsed.GetValue(format) == "json")
                PrintJson(summary);
            else
                PrintText(summary);
            return summary.ContractFaults.Count == 0 ? 0 : SeverityError.ModelContract.ExitCode();
        });
        return command;
    }

    static void PrintText(ModelSummary summary)
    {
        Console.WriteLine($"file        {summary.Source}");
        Console.WriteLine($"size        {summary.Size} bytes");
        Console.WriteLine($"sha256      {summary.Sha256}");
        Console.WriteLine($"contract    {(summary.ContractFaults.Count == 0 ? $"kept, format {ModelContract.Format}" : "broken")}");
        foreach (string fault in summary.ContractFaults)
            Console.WriteLine($"  {fault}");
        Console.WriteLine(
            $"safety      {(summary.CodeReason is null ? "data" : $"code, which needs --trust-model: {summary.CodeReason}")}");
        Console.WriteLine($"inputs      {string.Join(", ", summary.Inputs)}");
        Console.WriteLine($"outputs     {string.Join(", ", summary.Outputs)}");
        Console.WriteLine($"parameters  {summary.Parameters}");
        Console.WriteLine($"opset       {summary.Opset}, IR version {summary.IrVersion}, made by {summary.Producer}");
        foreach (string line in summary.Refit)
            Console.WriteLine(line);
        Console.WriteLine("operators");
        foreach ((string name, int count) in summary.Operators)
            Console.WriteLine($"  {count,5}  {name}");
        Console.WriteLine("metadata");
        foreach ((string key, string value) in summary.Metadata)
            Console.WriteLine($"  {key} = {Shortened(value)}");
    }

    /// <summary>What is longer than people read, such as statistics, is cut; json has it whole.</summary>
    static string Shortened(string value)
    {
        const int Most = 300, Shown = 80;
        return value.Length <= Most ? value : $"{value[..Shown]}... ({Amount.Bytes(value.Length)}; --format json has it whole)";
    }

    static void PrintJson(ModelSummary summary)
    {
        using Stream output = Console.OpenStandardOutput();
        using (Utf8JsonWriter writer =
            new(output, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("file", summary.Source);
            writer.WriteNumber("size", summary.Size);
            writer.WriteString("sha256", summary.Sha256);
            writer.WriteBoolean("contract_kept", summary.ContractFaults.Count == 0);
            writer.WriteStartArray("contract_faults");
            foreach (string fault in summary.ContractFaults)
                writer.WriteStringValue(fault);
            writer.WriteEndArray();
            writer.WriteBoolean("is_data", summary.CodeReason is null);
            writer.WriteString("code_reason", summary.CodeReason);
            Values("inputs", summary.Inputs);
            Values("outputs", summary.Outputs);
            writer.WriteNumber("parameters", summary.Parameters);
            writer.WriteNumber("opset", summary.Opset);
            writer.WriteNumber("ir_version", summary.IrVersion);
            writer.WriteString("producer", summary.Producer);
            writer.WriteStartObject("operators");
            foreach ((string name, int count) in summary.Operators)
                writer.WriteNumber(name, count);
            writer.WriteEndObject();
            writer.WriteStartObject("metadata");
            foreach ((string key, string value) in summary.Metadata)
                writer.WriteString(key, value);
            writer.WriteEndObject();
            writer.WriteEndObject();

            void Values(string name, IReadOnlyList<OnnxValue> values)
            {
                writer.WriteStartArray(name);
                foreach (OnnxValue value in values)
                {
                    writer.WriteStartObject();
                    writer.WriteString("name", value.Name);
                    writer.WriteString("type", value.ElementType.ToString());
                    writer.WriteString("shape", value.Shape?.ToString());
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
            }
        }
        output.WriteByte((byte)'\n');
    }
}
