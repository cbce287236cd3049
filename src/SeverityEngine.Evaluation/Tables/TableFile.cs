using System.Text;
using System.Text.Json;
using nietras.SeparatedValues;
using SeverityEngine.IO;

namespace SeverityEngine.Evaluation.Tables;

/// <summary>
/// Reads tables: csv and tsv by RFC 4180, with a comma, semicolon or tab between values, and rows in JSON, one object a line or an array of
/// them. Lines before the heading that begin with <c>#</c> are comments. The content tells which it is, not the name.
/// </summary>
static class TableFile
{
    /// <summary>The largest file that is read: some four million rows of this program's.</summary>
    const long LongestFile = 2L << 30;

    static readonly FileKind s_kind = new("table")
    {
        EmptyRemedy = "name a file of rows",
        FolderRemedy = "name a file of rows",
        TooLargeRemedy = "split it",
    };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SeverityException">
    /// It cannot be read; <see cref="SeverityError.InvalidArgument"/>: it is no table. The message names the line.
    /// </exception>
    public static Table Read(string path)
    {
        byte[] bytes = WholeFile.Read(path, s_kind, Math.Min(LongestFile, Array.MaxLength));
        return Read(bytes, path) with { Sha256 = ContentHash.Sha256(bytes) };
    }

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="bytes">The bytes: UTF-8, or UTF-16 with its mark.</param>
    /// <param name="source">What messages call the file.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: it is no table.</exception>
    public static Table Read(ReadOnlyMemory<byte> bytes, string source)
    {
        bytes = InUtf8(bytes);
        ReadOnlySpan<byte> content = bytes.Span.TrimStart(" \t\r\n"u8);
        return content is [] ? throw NoTable(source, "it is empty")
            : content.Contains((byte)0) ? throw NoTable(source, "it holds bytes that are no text")
            : content[0] is (byte)'[' or (byte)'{' ? ReadJson(bytes[^content.Length..], source, isArray: content[0] == '[')
            : ReadSeparated(bytes, source);
    }

    static ReadOnlyMemory<byte> InUtf8(ReadOnlyMemory<byte> bytes) => bytes.Span switch
    {
        [0xEF, 0xBB, 0xBF, ..] => bytes[3..],
        [0xFF, 0xFE, ..] => Encoding.Convert(Encoding.Unicode, Encoding.UTF8, bytes[2..].ToArray()),
        [0xFE, 0xFF, ..] => Encoding.Convert(Encoding.BigEndianUnicode, Encoding.UTF8, bytes[2..].ToArray()),
        _ => bytes,
    };

    static Table ReadSeparated(ReadOnlyMemory<byte> bytes, string source)
    {
        int comments = 0;
        ReadOnlyMemory<byte> rest = bytes;
        while (rest.Span.TrimStart("\r\n"u8) is [(byte)'#', ..] || rest.Span is [(byte)'\r' or (byte)'\n', ..])
        {
            int end = rest.Span.IndexOf((byte)'\n');
            comments++;
            rest = end < 0 ? default : rest[(end + 1)..];
        }
        char separator = SeparatorOf(rest.Span);
        using MemoryStream stream = new(rest.ToArray(), writable: false);
        // Rows of another length than the heading's are told from each other here, with their lines.
        using SepReader reader = Sep.New(separator).Reader(o => o with { HasHeader = false, Unescape = true, DisableColCountCheck = true })
            .From(stream);
        string[]? columns = null;
        List<TableRow> rows = [];
        foreach (SepReader.Row row in reader)
        {
            int line = comments + row.LineNumberFrom;
            if (row.ColCount == 1 && row[0].Span.IsWhiteSpace())
                continue;
            string[] values = new string[row.ColCount];
            for (int i = 0; i < values.Length; i++)
                values[i] = row[i].ToString();
            if (columns is null)
                columns = Heading(values, source);
            else if (values.Length != columns.Length)
            {
                throw new SeverityException(SeverityError.InvalidArgument,
                    $"{source}: line {line} has {Amount.Of(values.Length, "value")}, and the heading names {columns.Length}; "
                    + "quote values that hold a separator");
            }
            else
                rows.Add(new TableRow(line, values));
        }
        return columns is null ? throw NoTable(source, "it has no heading")
            : new Table(source, columns, rows) { HasDecimalComma = separator == ';' };
    }

    static string[] Heading(string[] names, string source)
    {
        for (int i = 0; i < names.Length; i++)
            names[i] = names[i].Trim();
        string? twice = names.Where(n => n.Length > 0).GroupBy(n => n, StringComparer.OrdinalIgnoreCase)
            .FirstOrDefault(g => g.Count() > 1)?.Key;
        return twice is null ? names : throw NoTable(source, $"it has two columns '{twice}'; rename one");
    }

    /// <summary>Of the separators, the one that the heading has most of outside quotes.</summary>
    static char SeparatorOf(ReadOnlySpan<byte> content)
    {
        int commas = 0, semicolons = 0, tabs = 0;
        bool quoted = false;
        foreach (byte b in content)
        {
            if (b == '"')
                quoted = !quoted;
            else if (quoted)
                continue;
            else if (b is (byte)'\n' or (byte)'\r')
                break;
            commas += b == ',' ? 1 : 0;
            semicolons += b == ';' ? 1 : 0;
            tabs += b == '\t' ? 1 : 0;
        }
        return tabs > commas && tabs > semicolons ? '\t' : semicolons > commas ? ';' : ',';
    }

    static Table ReadJson(ReadOnlyMemory<byte> json, string source, bool isArray)
    {
        JsonTable table = new(source);
        if (isArray)
        {
            using JsonDocument document = Parse(json, source);
            int number = 0;
            foreach (JsonElement element in document.RootElement.EnumerateArray())
                table.Add(element, ++number);
            return table.Done();
        }
        int line = 1;
        while (json.Length > 0)
        {
            int end = json.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> row = end < 0 ? json : json[..end];
            if (!row.Span.Trim(" \t\r"u8).IsEmpty)
            {
                using JsonDocument document = Parse(row, $"{source}: line {line}");
                table.Add(document.RootElement, line);
            }
            json = end < 0 ? default : json[(end + 1)..];
            line++;
        }
        return table.Done();
    }

    static JsonDocument Parse(ReadOnlyMemory<byte> json, string where)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw NoTable(where, JsonFault.Reason(e));
        }
    }

    static SeverityException NoTable(string source, string fault) => new(SeverityError.InvalidArgument,
        $"{source}: is no table: {fault}; name a file in csv, tsv, jsonl or json, such as 'severity predict -o' writes");

    /// <summary>Rows in JSON, whose columns are those that any of them has.</summary>
    sealed class JsonTable(string source)
    {
        readonly Dictionary<string, int> _columns = new(StringComparer.OrdinalIgnoreCase);
        readonly List<TableRow> _rows = [];
        readonly List<string?> _values = [];

        public void Add(JsonElement row, int line)
        {
            if (row.ValueKind != JsonValueKind.Object)
                throw NoTable($"{source}: line {line}", "it is no object");
            _values.Clear();
            AddObject("", row);
            _rows.Add(new TableRow(line, [.. _values]));
        }

        public Table Done() =>
            new(source, [.. _columns.OrderBy(c => c.Value).Select(c => c.Key)], _rows);

        void AddObject(string path, JsonElement element)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                string name = path.Length > 0 ? $"{path}.{property.Name}" : property.Name;
                if (property.Value.ValueKind == JsonValueKind.Object)
                    AddObject(name, property.Value);
                else
                    Put(name, TextOf(property.Value));
            }
        }

        void Put(string name, string? text)
        {
            if (!_columns.TryGetValue(name, out int column))
                _columns.Add(name, column = _columns.Count);
            while (_values.Count <= column)
                _values.Add(null);
            _values[column] = text;
        }

        string? TextOf(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.String => StringOf(value),
            JsonValueKind.Array => string.Join("; ", value.EnumerateArray().Select(TextOf)),
            _ => value.GetRawText(),
        };

        string StringOf(JsonElement value)
        {
            try
            {
                return value.GetString()!;
            }
            catch (InvalidOperationException)
            {
                // Half of a surrogate pair, or bytes that are not UTF-8.
                throw NoTable(source, "a text in it is not Unicode");
            }
        }
    }
}
