using System.Buffers;
using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace SeverityEngine.Parquet.Columns;

/// <summary>A column in the rows of one group, as Parquet has it: the values that are there, and a level for each place.</summary>
/// <param name="heading">What the column is.</param>
/// <param name="schema">The same, for the library.</param>
abstract class ColumnBuffer(ColumnHeading heading, Field schema)
{
    /// <summary>
    /// How far each place is defined (Parquet's definition levels): 0 for a row without a value.
    /// </summary>
    protected ArrayBufferWriter<int> Levels { get; } = new();

    public ColumnHeading Heading => heading;

    public Field Field => schema;

    /// <summary>What holds the values: the field itself, and of a list its elements.</summary>
    public DataField Leaf { get; } = (DataField)(schema is ListField list ? list.Item : schema);

    /// <summary>What its values are, for people.</summary>
    public abstract string Kind { get; }

    public virtual bool IsText => false;

    /// <summary>How many rows it has a value of, or knows that there is none.</summary>
    public int Rows { get; private set; }

    /// <summary>How many characters of text it holds.</summary>
    public virtual int Characters => 0;

    /// <summary>The buffer of a column.</summary>
    public static ColumnBuffer Create(ColumnHeading heading) => heading.Type switch
    {
        "text" => new TextBuffer(heading),
        "texts" => new ListBuffer(heading),
        "integer" => new NumberBuffer<long>(heading, "integer", static (ref Utf8JsonReader r, out long v) => r.TryGetInt64(out v)),
        "single" => new NumberBuffer<float>(heading, "number",
            static (ref Utf8JsonReader r, out float v) => r.TryGetSingle(out v) && float.IsFinite(v)),
        "number" => new NumberBuffer<double>(heading, "number",
            static (ref Utf8JsonReader r, out double v) => r.TryGetDouble(out v) && double.IsFinite(v)),
        _ => throw new SeverityException(SeverityError.Internal, $"{heading.Type} is no type of a column"),
    };

    /// <summary>Takes the value that a reader is at.</summary>
    /// <param name="reader">Stands at the value's end afterwards.</param>
    /// <param name="line">What it reads.</param>
    /// <returns>Whether the column can hold it.</returns>
    public bool TryAdd(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        if (!TryTake(ref reader, line))
            return false;
        Rows++;
        return true;
    }

    /// <summary>Ends a row, which may have had no value.</summary>
    /// <param name="rows">How many there are with it.</param>
    public void EndRow(int rows)
    {
        if (Rows == rows)
            return;
        AddAbsent();
        Rows++;
    }

    /// <summary>Writes what it holds.</summary>
    public abstract Task WriteTo(ParquetRowGroupWriter group);

    /// <summary>Forgets what it holds.</summary>
    public virtual void Clear()
    {
        Levels.ResetWrittenCount();
        Rows = 0;
    }

    protected abstract bool TryTake(ref Utf8JsonReader reader, ReadOnlySpan<byte> line);

    protected virtual void AddAbsent()
    {
        if (heading.IsRequired)
            throw new SeverityException(SeverityError.Internal, $"a row has no {heading.Name}, which every row has");
        Levels.Write([0]);
    }
}
