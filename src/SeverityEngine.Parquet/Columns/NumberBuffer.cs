using System.Buffers;
using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace SeverityEngine.Parquet.Columns;

/// <summary>Reads a number; false for one that is out of its range.</summary>
delegate bool NumberTest<T>(ref Utf8JsonReader reader, out T value);

/// <summary>Numbers.</summary>
/// <param name="heading">What the column is.</param>
/// <param name="kind">What a number is called.</param>
/// <param name="read">Reads one.</param>
sealed class NumberBuffer<T>(ColumnHeading heading, string kind, NumberTest<T> read)
    : ColumnBuffer(heading, new DataField(heading.Name, typeof(T?))) where T : struct
{
    readonly ArrayBufferWriter<T> _values = new();

    public override string Kind => kind;

    public override Task WriteTo(ParquetRowGroupWriter group) =>
        group.WriteAllPartsAsync(Leaf, _values.WrittenMemory, Levels.WrittenMemory, null, CancellationToken.None);

    public override void Clear()
    {
        base.Clear();
        _values.ResetWrittenCount();
    }

    protected override bool TryTake(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        if (reader.TokenType != JsonTokenType.Number || !read(ref reader, out T value))
            return false;
        _values.Write([value]);
        Levels.Write([1]);
        return true;
    }
}
