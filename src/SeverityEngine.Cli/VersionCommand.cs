using System.CommandLine;
using SeverityEngine.Inference;
using SeverityEngine.Onnx;

namespace SeverityEngine.Cli;

/// <summary><c>severity version</c>: what runs here, and under which licenses.</summary>
static class VersionCommand
{
    public static Command Create()
    {
        Option<string?> model = ModelOption.Create();
        Option<bool> trust = TrustOption.Create();
        Option<bool> licenses = new("--licenses") { Description = "Print the licenses of everything inside this program." };
        Command command =
            new("version", "Shows the versions of the program, of ONNX Runtime and of the model, and the instruction sets in use.")
        {
            model,
            trust,
            licenses,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(licenses))
                Notices.Print(typeof(VersionCommand).Assembly);
            else
                PrintVersions(ModelOption.Resolve(parsed.GetValue(model)), parsed.GetValue(trust));
            return 0;
        });
        return command;
    }

    static void PrintVersions(ModelFile file, bool trustModel)
    {
        (string name, string version) = NameOf(file, trustModel);
        Console.WriteLine($"severity {SeverityRuntime.EngineVersion}");
        Console.WriteLine($"ONNX Runtime {SeverityRuntime.OnnxRuntimeVersion}");
        Console.WriteLine($"instruction sets: {SeverityRuntime.InstructionSets}");
        Console.WriteLine($"model: {name} {version} ({file.Source})");
        Console.WriteLine($"model sha256: {file.Sha256}");
    }

    /// <summary>What a model calls itself; one that is not the engine's own has to run first.</summary>
    static (string Name, string Version) NameOf(ModelFile file, bool trustModel)
    {
        if (file.Origin == ModelOrigin.BuiltIn)
        {
            ModelContract contract = ModelContract.Read(OnnxModel.ReadMetadata(file.Bytes, file.Source), []);
            return (contract.Name, contract.Version);
        }
        using SeverityPredictor predictor =
            SeverityPredictor.Create(new PredictorOptions { Model = file, TrustModel = trustModel, Threads = 1 });
        return (predictor.Model.Name, predictor.Model.Version);
    }
}
