using System.Buffers;
using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace SeverityEngine.Parquet.Columns;

/// <summary>Lists of texts, in the three layers that Parquet has for them.</summary>
/// <param name="heading">What the column is.</param>
sealed class ListBuffer(ColumnHeading heading)
    : ColumnBuffer(heading, new ListField(heading.Name, new DataField("element", typeof(string), isNullable: true)))
{
    // Definition levels: no list is 0.
    const int Empty = 1, NullElement = 2, Element = 3;

    readonly TextArena _texts = new();

    // Repetition levels: 0 where a row begins.
    readonly ArrayBufferWriter<int> _repetitions = new();

    public override string Kind => "list";

    public override bool IsText => true;

    public override int Characters => _texts.Characters;

    public override Task WriteTo(ParquetRowGroupWriter group) => group.WriteAllPartsAsync(
        Leaf, _texts.Texts(), Levels.WrittenMemory, _repetitions.WrittenMemory, CancellationToken.None);

    public override void Clear()
    {
        base.Clear();
        _texts.Clear();
        _repetitions.ResetWrittenCount();
    }

    protected override bool TryTake(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        int elements = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; elements++)
        {
            bool isNull = reader.TokenType == JsonTokenType.Null;
            if (!isNull)
                _texts.Add(ref reader, line);
            Add(isNull ? NullElement : Element, elements == 0 ? 0 : 1);
        }
        if (elements == 0)
            Add(Empty, 0);
        return true;
    }

    protected override void AddAbsent() => Add(0, 0);

    void Add(int definition, int repetition)
    {
        Levels.Write([definition]);
        _repetitions.Write([repetition]);
    }
}
