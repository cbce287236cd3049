namespace SeverityEngine.Batch.Rows;

/// <summary>What tells a row that a file holds from others.</summary>
/// <param name="File">The image, as it was named.</param>
/// <param name="Sha256">The hash of its bytes; null where it could not be read.</param>
/// <param name="Model">The model's name; null beside an error.</param>
/// <param name="ErrorCode">The error's name; null beside a score.</param>
readonly record struct RowKey(string File, string? Sha256, string? Model, string? ErrorCode);
