using SeverityEngine.Inference;
using SeverityEngine.IO;
using SeverityEngine.Onnx;

namespace SeverityEngine.Cli;

/// <summary>The model that <c>model import</c> and <c>model optimize</c> write.</summary>
static class ModelOutput
{
    const string Option = "-o";

    /// <summary>Refuses a path that is one of the inputs, and one where something stands that is no model of this program's.</summary>
    /// <param name="path">The file.</param>
    /// <param name="inputs">The files that are read.</param>
    /// <param name="force">Whether whatever else stands there is replaced.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>, <see cref="SeverityError.FileUnwritable"/>.
    /// </exception>
    public static void RequireReplaceable(string path, IEnumerable<string> inputs, bool force)
    {
        OutputGuard.RequireOthers([(Option, path)], inputs);
        OutputGuard.RequireKind(path, "a model", start => IsModel(path), force);
    }

    /// <summary>Writes it and says so.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelInvalid"/>: its weights are not finite; <see cref="SeverityError.FileUnwritable"/>.
    /// </exception>
    public static void Write(string path, OnnxModel model)
    {
        OnnxFaults.Translate(path, () => GraphChecker.CheckConstants(model));
        byte[] bytes = model.ToArray();
        AtomicFile.Write(path, bytes);
        Console.WriteLine($"wrote {path} ({Amount.Bytes(bytes.Length)})");
    }

    // Metadata stand at a model's end.
    static bool IsModel(string path)
    {
        try
        {
            return ModelFile.Load(path).ToGraph().Metadata.ContainsKey(ModelContract.FormatKey);
        }
        catch (SeverityException)
        {
            return false;
        }
    }
}
