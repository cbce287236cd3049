using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Onnx;

namespace SeverityEngine.Models.Checkpoints;

/// <summary>Turns a weights file into a model: one call from the published bytes to a graph that keeps the model contract.</summary>
public static class CheckpointConverter
{
    /// <summary>Where a checkpoint of TorchXRayVision keeps its own operating points.</summary>
    const string OperatingPoints = "op_threshs";

    /// <summary>Makes a model of a DenseNet-121's weights and a head.</summary>
    /// <param name="checkpoint">
    /// The checkpoint's bytes, in any of the forms of <see cref="CheckpointForm"/>; they must not change meanwhile.
    /// </param>
    /// <param name="name">What error messages call the checkpoint.</param>
    /// <param name="head">What makes the two scores.</param>
    /// <param name="contract">
    /// What the model says of itself. Where it has no labels, the model gets the published ones, with the operating points of the
    /// checkpoint, or, where it has none, the published ones.
    /// </param>
    /// <param name="limits">What to refuse; <see cref="PickleLimits.Default"/> where null.</param>
    /// <exception cref="SeverityException">As for <see cref="CheckpointFile.Read(ReadOnlyMemory{byte}, string, PickleLimits?)"/> and
    /// <see cref="DenseNet121.Build"/>.</exception>
    public static OnnxModel ToModel(
        ReadOnlyMemory<byte> checkpoint, string name, SeverityHead head, ModelContract contract, PickleLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(contract);
        IReadOnlyDictionary<string, CheckpointTensor> state = CheckpointFile.Read(checkpoint, name, limits).Tensors;
        try
        {
            return DenseNet121.Build(state, head, contract.Labels.Count > 0 ? contract : WithLabels(contract, state));
        }
        catch (SeverityException e) when (e.Code is SeverityError.CheckpointLayout or SeverityError.CheckpointInvalid)
        {
            throw new SeverityException(e.Code, $"{name}: {e.Message}", e);
        }
    }

    internal static ModelContract WithLabels(ModelContract contract, IReadOnlyDictionary<string, CheckpointTensor> state) =>
        contract with { Labels = DenseNet121.Labels, OperatingPoints = OwnPoints(state) ?? DenseNet121.OperatingPoints };

    static float[]? OwnPoints(IReadOnlyDictionary<string, CheckpointTensor> state)
    {
        if (!state.TryGetValue(OperatingPoints, out CheckpointTensor? points) || !points.Shape.SequenceEqual([DenseNet121.Labels.Count]))
            return null;
        float[] values = points.Values.ToArray();
        return Array.TrueForAll(values, p => p is > 0 and < 1) ? values : null;
    }
}
