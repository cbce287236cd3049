namespace SeverityEngine.Models.Checkpoints;

/// <summary>One layer of a multilayer perceptron: its input times <paramref name="Weight"/>, plus <paramref name="Bias"/>.</summary>
/// <param name="Weight">Inputs by outputs.</param>
/// <param name="Bias">As many as the outputs.</param>
public sealed record MlpLayer(CheckpointTensor Weight, CheckpointTensor Bias);
