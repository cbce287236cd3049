namespace SeverityEngine.Cli.Bench;

/// <summary>What one stage of one setting takes.</summary>
/// <param name="Stage">decode, preprocess, infer, or total, which is all of them.</param>
/// <param name="Setting">The setting.</param>
/// <param name="P50">Half of the batches take at most so many milliseconds.</param>
/// <param name="P90">As <paramref name="P50"/>, for nine of ten.</param>
/// <param name="P99">As <paramref name="P50"/>, for 99 of 100.</param>
/// <param name="ImagesPerSecond">
/// Images a second: measured for total; for a stage, what all callers would reach with nothing else to do.
/// </param>
sealed record BenchRow(string Stage, BenchSetting Setting, double P50, double P90, double P99, double ImagesPerSecond);
