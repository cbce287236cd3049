using System.CommandLine;
using SeverityEngine.Models;

namespace SeverityEngine.Programs;

/// <summary>Which model a command uses: <c>--model</c>, else the environment's SEVERITY_MODEL, else the built-in one.</summary>
static class ModelOption
{
    const string Variable = "SEVERITY_MODEL";

    public static Option<string?> Create() => new("--model")
    {
        Description = $"The model: an ONNX file, or the name of an installed one. Default: {Variable}, else the built-in model.",
        HelpName = "FILE|NAME",
    };

    public static ModelFile Resolve(string? named)
    {
        string? model = named ?? Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(model))
            return ModelFile.BuiltIn();
        // A file wins over a name; what has a folder in it can only be a file.
        if (Path.Exists(model) || Path.GetFileName(model) != model)
            return ModelFile.Load(model);
        return ModelStore.Default().Load(model);
    }
}

/// <summary>Whether the model may be more than data.</summary>
static class TrustOption
{
    public static Option<bool> Create() => new("--trust-model")
    {
        Description = "Run a model that is more than data, as you would run its maker's program: it can crash, run for ever or take all "
            + "memory. Models that 'severity model' makes need no trust.",
    };
}
