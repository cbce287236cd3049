using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace SeverityEngine.Batch.Merge;

/// <summary>What a record of the merge is, in the order in which those of one image come.</summary>
enum MergeState : byte
{
    /// <summary>A name of the list of what is expected.</summary>
    Expected,
    Scored,
    Faulty,
}

/// <summary>What records are put in order by: the image in natural order, its content, then what is to be kept.</summary>
/// <param name="File">The image.</param>
/// <param name="State">What the record is.</param>
/// <param name="Content">Half of the SHA-256 of its bytes; 0 where it could not be read.</param>
/// <param name="Model">The number of the model that made the row.</param>
/// <param name="Age">The number of the file that it stands in: the larger the newer.</param>
/// <param name="Place">Which of the file's rows it is.</param>
readonly record struct MergeKey(string File, MergeState State, UInt128 Content, int Model, int Age, long Place) : IComparable<MergeKey>
{
    public int CompareTo(MergeKey other)
    {
        int order = IO.NaturalOrder.Instance.Compare(File, other.File);
        if (order == 0)
            order = (State == MergeState.Expected ? 0 : 1) - (other.State == MergeState.Expected ? 0 : 1);
        // What could not be read comes last: it is of no use where another row has the content.
        if (order == 0)
            order = (Content == 0).CompareTo(other.Content == 0);
        if (order == 0)
            order = Content.CompareTo(other.Content);
        if (order == 0)
            order = Model.CompareTo(other.Model);
        // A score before an error, and then the newest.
        if (order == 0)
            order = State.CompareTo(other.State);
        if (order == 0)
            order = other.Age.CompareTo(Age);
        return order == 0 ? other.Place.CompareTo(Place) : order;
    }
}

/// <summary>How a value is written in json.</summary>
enum CellKind : byte
{
    Text,

    /// <summary>As it stands: a number, a list.</summary>
    Json,
}

/// <summary>The values of a row, one behind the other, in bytes that can go to a file and come back.</summary>
/// <remarks>
/// Each: the column's number (32 bits, little endian), the kind (a byte), the length (32 bits), and the value in UTF-8.
/// </remarks>
sealed class MergeCells
{
    const int HeadBytes = 9;

    readonly ArrayBufferWriter<byte> _bytes = new(1024);

    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    public void Clear() => _bytes.ResetWrittenCount();

    public void Add(int column, CellKind kind, ReadOnlySpan<byte> value)
    {
        value.CopyTo(Begin(column, kind, value.Length));
        _bytes.Advance(HeadBytes + value.Length);
    }

    public void Add(int column, CellKind kind, string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Encoding.UTF8.GetBytes(value, Begin(column, kind, length));
        _bytes.Advance(HeadBytes + length);
    }

    /// <summary>Writes what stands before a value, and gives the place of the value.</summary>
    Span<byte> Begin(int column, CellKind kind, int length)
    {
        Span<byte> head = _bytes.GetSpan(HeadBytes + length);
        BinaryPrimitives.WriteInt32LittleEndian(head, column);
        head[4] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[5..], length);
        return head[HeadBytes..];
    }

    /// <summary>Takes the first value off.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Next(ref ReadOnlySpan<byte> cells, out int column, out CellKind kind, out ReadOnlySpan<byte> value)
    {
        if (cells.IsEmpty)
        {
            column = 0;
            kind = default;
            value = default;
            return false;
        }
        column = BinaryPrimitives.ReadInt32LittleEndian(cells);
        kind = (CellKind)cells[4];
        int length = BinaryPrimitives.ReadInt32LittleEndian(cells[5..]);
        value = cells.Slice(HeadBytes, length);
        cells = cells[(HeadBytes + length)..];
        return true;
    }
}

/// <summary>A record as bytes: its length, its key, its cells.</summary>
static class MergeRecord
{
    // Length, state, content, model, age, place, characters of the image's name.
    const int HeadBytes = 4 + 1 + 16 + 4 + 4 + 8 + 4;

    public static int Size(in MergeKey key, ReadOnlySpan<byte> cells) => HeadBytes + 2 * key.File.Length + cells.Length;

    public static void Write(in MergeKey key, ReadOnlySpan<byte> cells, Span<byte> record)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record, record.Length);
        record[4] = (byte)key.State;
        BinaryPrimitives.WriteUInt128LittleEndian(record[5..], key.Content);
        BinaryPrimitives.WriteInt32LittleEndian(record[21..], key.Model);
        BinaryPrimitives.WriteInt32LittleEndian(record[25..], key.Age);
        BinaryPrimitives.WriteInt64LittleEndian(record[29..], key.Place);
        BinaryPrimitives.WriteInt32LittleEndian(record[37..], key.File.Length);
        MemoryMarshal.AsBytes(key.File.AsSpan()).CopyTo(record[HeadBytes..]);
        cells.CopyTo(record[(HeadBytes + 2 * key.File.Length)..]);
    }

    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> record, out MergeKey key)
    {
        int characters = BinaryPrimitives.ReadInt32LittleEndian(record[37..]);
        string file = new(MemoryMarshal.Cast<byte, char>(record.Slice(HeadBytes, 2 * characters)));
        key = new MergeKey(file, (MergeState)record[4], BinaryPrimitives.ReadUInt128LittleEndian(record[5..]),
            BinaryPrimitives.ReadInt32LittleEndian(record[21..]), BinaryPrimitives.ReadInt32LittleEndian(record[25..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[29..]));
        return Cells(record);
    }

    public static ReadOnlySpan<byte> Cells(ReadOnlySpan<byte> record) =>
        record[(HeadBytes + 2 * BinaryPrimitives.ReadInt32LittleEndian(record[37..]))..];
}
