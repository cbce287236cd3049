using System.Buffers;
using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace SeverityEngine.Parquet.Columns;

/// <summary>Texts. What is none in json stands as json has it: columns that the program does not know may hold anything.</summary>
/// <param name="heading">What the column is.</param>
sealed class TextBuffer(ColumnHeading heading)
    : ColumnBuffer(heading, new DataField(heading.Name, typeof(string), isNullable: !heading.IsRequired))
{
    readonly TextArena _texts = new();

    public override string Kind => "text";

    public override bool IsText => true;

    public override int Characters => _texts.Characters;

    /// <summary>The text that was added last; null where there is none.</summary>
    public string? Last => _texts.Last;

    public override Task WriteTo(ParquetRowGroupWriter group) => group.WriteAllPartsAsync(
        Leaf, _texts.Texts(), Heading.IsRequired ? default(ReadOnlyMemory<int>?) : Levels.WrittenMemory, null, CancellationToken.None);

    public override void Clear()
    {
        base.Clear();
        _texts.Clear();
    }

    protected override bool TryTake(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        _texts.Add(ref reader, line);
        Levels.Write([1]);
        return true;
    }
}
