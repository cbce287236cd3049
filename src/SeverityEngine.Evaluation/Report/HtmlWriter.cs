using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using SeverityEngine.IO;

namespace SeverityEngine.Evaluation.Report;

/// <summary>
/// Writes a page of HTML to a stream as it is made. In <c>Write($"...")</c> what the program says stands as it is, and every value that is
/// put into it is escaped: no text of rows can become markup.
/// </summary>
sealed class HtmlWriter(Stream stream) : IDisposable
{
    const int BlockBytes = 64 << 10;

    // A character of UTF-16 takes at most three bytes.
    const int BytesPerChar = 3;

    static readonly SearchValues<char> s_marked = SearchValues.Create("&<>\"'");

    byte[] _block = ArrayPool<byte>.Shared.Rent(BlockBytes);
    int _used;

    /// <summary>Writes markup whose values are escaped.</summary>
#pragma warning disable CA1822 // What it writes to is the writer that the compiler hands to the markup.
    public void Write([InterpolatedStringHandlerArgument("")] Markup markup)
    {
        // It has been written part by part.
    }
#pragma warning restore CA1822

    /// <summary>Writes markup of the program's own as it is.</summary>
    public void Raw(ReadOnlySpan<char> markup)
    {
        while (markup.Length > 0)
        {
            int length = Math.Min(markup.Length, BlockBytes / BytesPerChar / 2);
            // A pair of surrogates stays together.
            if (length < markup.Length && char.IsHighSurrogate(markup[length - 1]))
                length++;
            Reserve(BytesPerChar * length);
            _used += Encoding.UTF8.GetBytes(markup[..length], _block.AsSpan(_used));
            markup = markup[length..];
        }
    }

    /// <summary>Writes a text: it is shown as it is, whatever it holds, with control characters spelled out.</summary>
    public void Text(string? text)
    {
        ReadOnlySpan<char> rest = text is null ? [] : Printable.Text(text);
        while (rest.IndexOfAny(s_marked) is >= 0 and int at)
        {
            Raw(rest[..at]);
            Raw(rest[at] switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", '"' => "&quot;", _ => "&#39;" });
            rest = rest[(at + 1)..];
        }
        Raw(rest);
    }

    /// <summary>Writes bytes in base64.</summary>
    public void Base64(ReadOnlySpan<byte> bytes)
    {
        Reserve(System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        System.Buffers.Text.Base64.EncodeToUtf8(bytes, _block.AsSpan(_used), out _, out int written);
        _used += written;
    }

    /// <summary>Hands everything to the stream.</summary>
    public void Flush()
    {
        stream.Write(_block.AsSpan(0, _used));
        _used = 0;
    }

    /// <summary>Gives the memory back; what is not flushed is dropped.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_block);
        _block = [];
        _used = 0;
    }

    void Reserve(int bytes)
    {
        if (_block.Length - _used >= bytes)
            return;
        Flush();
        if (_block.Length < bytes)
        {
            ArrayPool<byte>.Shared.Return(_block);
            _block = ArrayPool<byte>.Shared.Rent(bytes);
        }
    }

    /// <summary>The parts of an interpolated string, written as they come.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup
    {
        readonly HtmlWriter _html;

        /// <summary>Begins; the compiler calls it.</summary>
        public Markup(int literalLength, int formattedCount, HtmlWriter html) => _html = html;

        /// <summary>What the program says.</summary>
        public void AppendLiteral(string literal) => _html.Raw(literal);

        /// <summary>A text.</summary>
        public void AppendFormatted(string? text) => _html.Text(text);

        /// <summary>A whole number.</summary>
        public void AppendFormatted(long number) => _html.Raw(number.ToString(CultureInfo.InvariantCulture));

        /// <summary>A number.</summary>
        public void AppendFormatted(double number, string format) => _html.Raw(number.ToString(format, CultureInfo.InvariantCulture));
    }
}
