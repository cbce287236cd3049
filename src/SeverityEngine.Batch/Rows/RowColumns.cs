namespace SeverityEngine.Batch.Rows;

/// <summary>What rows hold beyond what all have.</summary>
/// <param name="Labels">The names of the findings in each row; none where they are not wanted.</param>
/// <param name="Saliency">Whether rows tell of saliency maps.</param>
sealed record RowColumns(IReadOnlyList<string> Labels, bool Saliency)
{
    /// <summary>What the plainest rows have.</summary>
    public static RowColumns Plain { get; } = new([], Saliency: false);
}
