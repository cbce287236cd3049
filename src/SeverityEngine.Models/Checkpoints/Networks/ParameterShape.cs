namespace SeverityEngine.Models.Checkpoints.Networks;

/// <summary>A parameter that a network needs.</summary>
/// <param name="Name">Its name in the checkpoint.</param>
/// <param name="Shape">Its dimensions.</param>
sealed record ParameterShape(string Name, int[] Shape);
