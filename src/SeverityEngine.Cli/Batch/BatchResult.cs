using SeverityEngine.Cli.Output;

namespace SeverityEngine.Cli.Batch;

/// <summary>The row of the input with a number.</summary>
readonly record struct BatchResult(long Number, ScoreRow Row);
