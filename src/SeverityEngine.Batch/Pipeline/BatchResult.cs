using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Batch.Pipeline;

/// <summary>The row of the input with a number.</summary>
readonly record struct BatchResult(long Number, ScoreRow Row);
