namespace SeverityEngine.Batch.Rows;

/// <summary>How a file of rows is read back: where a row ends, and what it says.</summary>
interface IRowFormat
{
    /// <summary>Whether a line's end inside double quotes belongs to the row.</summary>
    bool HasQuotes { get; }

    /// <summary>The first row, which is no image's, without its line's end; empty where there is none.</summary>
    string Heading { get; }

    /// <summary>Reads a row, without its line's end; false for what is none.</summary>
    bool TryRead(ReadOnlySpan<byte> row, out RowKey key);
}
