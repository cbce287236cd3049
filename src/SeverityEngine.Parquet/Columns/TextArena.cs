using System.Buffers;
using System.Text;
using System.Text.Json;

namespace SeverityEngine.Parquet.Columns;

/// <summary>Texts, one behind the other.</summary>
sealed class TextArena
{
    readonly ArrayBufferWriter<char> _characters = new();
    readonly ArrayBufferWriter<int> _ends = new();
    ReadOnlyMemory<char>[] _texts = [];

    public int Characters => _characters.WrittenCount;

    /// <summary>The text that was added last; null where there is none.</summary>
    public string? Last => _ends.WrittenSpan switch
    {
        [] => null,
        [var end] => _characters.WrittenSpan[..end].ToString(),
        [.., var start, var end] => _characters.WrittenSpan[start..end].ToString(),
    };

    /// <summary>Adds the value that a reader is at: a text as it reads, anything else as it stands in json.</summary>
    public void Add(ref Utf8JsonReader reader, ReadOnlySpan<byte> line)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            // Of UTF-8 no byte makes more than one character.
            _characters.Advance(reader.CopyString(_characters.GetSpan(reader.ValueSpan.Length)));
        }
        else
        {
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            ReadOnlySpan<byte> value = line[start..(int)reader.BytesConsumed];
            _characters.Advance(Encoding.UTF8.GetChars(value, _characters.GetSpan(value.Length)));
        }
        _ends.Write([_characters.WrittenCount]);
    }

    /// <summary>All of them, until the next is added.</summary>
    public ReadOnlyMemory<ReadOnlyMemory<char>> Texts()
    {
        int count = _ends.WrittenCount, start = 0;
        if (_texts.Length < count)
            _texts = new ReadOnlyMemory<char>[count];
        for (int i = 0; i < count; i++)
        {
            int end = _ends.WrittenSpan[i];
            _texts[i] = _characters.WrittenMemory[start..end];
            start = end;
        }
        return _texts.AsMemory(0, count);
    }

    public void Clear()
    {
        _characters.ResetWrittenCount();
        _ends.ResetWrittenCount();
    }
}
