using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;

namespace SeverityEngine.Inference;

/// <summary>What is settled of a model's file before ONNX Runtime sees it.</summary>
static class ModelAdmission
{
    /// <summary>Refuses a file that is not data, unless it is trusted as a program is. The engine's own model is.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isTrusted">Whether the caller trusts it.</param>
    /// <returns>
    /// Whether the engine's own kernels may run its operators: where the file defines one of them in another way, its definition counts.
    /// </returns>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelUntrusted"/>, <see cref="SeverityError.ModelInvalid"/>.
    /// </exception>
    public static bool Admit(ModelFile file, bool isTrusted)
    {
        if (file.Origin == ModelOrigin.BuiltIn)
            return true;
        return OnnxFaults.Translate(file.Source, () =>
        {
            if (!isTrusted)
                return EngineFunctions.KeepMeaning(file.ToGraph(mustBeData: true));
            OnnxModel.RequireOneFile(file.Bytes, file.Source);
            try
            {
                return EngineFunctions.KeepMeaning(OnnxModel.Parse(file.Bytes, file.Source));
            }
            catch (OnnxException)
            {
                // What is not read here, such as a loop's body, may mean anything by the operators.
                return false;
            }
        });
    }
}
