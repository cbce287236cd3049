using System.IO.Compression;
using System.Reflection;
using Parquet;
using Parquet.Schema;
using SeverityEngine.Parquet.Columns;

namespace SeverityEngine.Parquet;

/// <summary>Reads a heading and rows of jsonl, and writes one file of Parquet; memory does not grow with the rows.</summary>
static class ParquetRun
{
    /// <summary>A row group ends at so many rows, or at so many characters of text, whichever comes first.</summary>
    const int MostRows = 1 << 16, MostCharacters = 16 << 20;

    /// <summary>The version, which is to be that of the command that writes the rows.</summary>
    public static string Version { get; } =
        typeof(ParquetRun).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Writes all rows.</summary>
    /// <param name="input">The heading, then the rows, each a line.</param>
    /// <param name="output">Gets the file; it need not be one that can seek.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: a value that its column cannot hold, or a heading of another version.
    /// </exception>
    public static async Task Run(Stream input, Stream output)
    {
        LineReader lines = new(input);
        Heading heading = Heading.Read(lines, Version);
        ColumnBuffer[] columns = [.. heading.Columns.Select(ColumnBuffer.Create)];
        RowReader rows = new(lines, columns);
        ParquetOptions options = new() { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Fastest };
        // A dictionary where it saves something: the library looks whether values repeat.
        foreach (ColumnBuffer column in columns.Where(c => c.IsText))
            options.ColumnEncodingHints[column.Leaf.Path.ToString()] = EncodingHint.Dictionary;
        using PositionStream target = new(output);
        ParquetSchema schema = new(columns.Select(c => c.Field));
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(schema, target, options))
        {
            writer.CustomMetadata = heading.Metadata;
            while (rows.Fill(MostRows, MostCharacters) > 0)
                await WriteGroup(writer, columns);
        }
        target.Flush();
    }

    static async Task WriteGroup(ParquetWriter writer, ColumnBuffer[] columns)
    {
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        foreach (ColumnBuffer column in columns)
        {
            await column.WriteTo(group);
            column.Clear();
        }
        group.CompleteValidate();
    }
}
