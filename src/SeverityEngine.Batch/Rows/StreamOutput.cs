namespace SeverityEngine.Batch.Rows;

/// <summary>Rows into a stream, standard output for one.</summary>
sealed class StreamOutput(Stream stream) : RowOutput
{
    public override void Write(ReadOnlySpan<byte> rows)
    {
        stream.Write(rows);
        stream.Flush();
    }

    public override void Complete() => stream.Flush();

    public override void Dispose() => stream.Dispose();
}
