namespace SeverityEngine.Models.Checkpoints;

/// <summary>A class whose Python source came with a pickled module.</summary>
/// <param name="ClassName">The class, for example <c>torchxrayvision.models.DenseNet</c>.</param>
/// <param name="FileName">The file that the source was in on the machine that saved it.</param>
public sealed record CheckpointSource(string ClassName, string FileName);
