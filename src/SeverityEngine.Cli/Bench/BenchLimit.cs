namespace SeverityEngine.Cli.Bench;

/// <summary>How long a setting is measured.</summary>
/// <param name="WarmUp">Batches that every caller scores before, unmeasured.</param>
/// <param name="Iterations">Batches that are measured; null for as many as fit the time.</param>
/// <param name="Time">How long it lasts where there is no number of iterations.</param>
readonly record struct BenchLimit(int WarmUp, int? Iterations, TimeSpan Time);
