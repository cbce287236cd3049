namespace SeverityEngine.Models.Checkpoints;

/// <summary>One parameter or buffer of a checkpoint, as contiguous float32 values in C order.</summary>
/// <param name="Name">Its name in the checkpoint, for example <c>features.conv0.weight</c>.</param>
/// <param name="Shape">Its dimensions; empty for a scalar.</param>
/// <param name="Values">Its values, as many as the product of <paramref name="Shape"/>.</param>
public sealed record CheckpointTensor(string Name, IReadOnlyList<int> Shape, ReadOnlyMemory<float> Values);
