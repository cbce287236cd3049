namespace SeverityEngine.Imaging.Png;

/// <summary>A byte at a time.</summary>
sealed class PngFiltersScalar : PngFilters
{
    public override long SumOfMagnitudes(ReadOnlySpan<byte> filtered) => SumOfMagnitudes(filtered, 0);

    protected override void UndoSub(Span<byte> row, int step) => UndoSub(row, 0, step);

    protected override void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int step) => UndoAverage(row, above, 0, step);

    protected override void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int step) => UndoPaeth(row, above, 0, step);
}
