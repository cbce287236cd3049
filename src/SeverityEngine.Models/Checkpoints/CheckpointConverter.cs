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
    /// What the model says of itself. Where it has no labels, a model of 18 logits gets the published ones, with the operating points of
    /// the checkpoint, or, where it has none, the published ones.
    /// </param>
    /// <param name="limits">What to refuse; <see cref="PickleLimits.Default"/> where null.</param>
    /// <param name="stateDict">
    /// Which weights to take of a file with several, such as a network's and their running average: the keys that lead to them, and what
    /// stands before the network's names, joined by dots, for example <c>ema</c> or <c>state_dict.model_ema</c>; <c>.</c> for those at the
    /// top of the file. Null takes those that fit the network, and refuses a file in which more than one do.
    /// </param>
    /// <exception cref="SeverityException">As for <see cref="CheckpointFile.Read(ReadOnlyMemory{byte}, string, PickleLimits?)"/> and
    /// <see cref="DenseNet121.Build"/>.</exception>
    public static OnnxModel ToModel(
        ReadOnlyMemory<byte> checkpoint, string name, SeverityHead head, ModelContract contract, PickleLimits? limits = null,
        string? stateDict = null)
    {
        ArgumentNullException.ThrowIfNull(contract);
        IReadOnlyDictionary<string, CheckpointTensor> state =
            CheckpointFile.Read(checkpoint, name, limits, DenseNet121.Names, stateDict).Tensors;
        try
        {
            bool isPublished = contract.Labels.Count == 0 && DenseNet121.HasPublishedClasses(state);
            return DenseNet121.Build(state, head, isPublished ? WithLabels(contract, state) : contract);
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
