using SeverityEngine.IO;

namespace SeverityEngine.Parquet;

/// <summary>Counts what is written, as Parquet's footer names the places of what stands before it.</summary>
sealed class PositionStream(Stream output) : WriteOnlyStream
{
    // The library writes some values byte by byte.
    readonly BufferedStream _output = new(output, 1 << 17);
    long _position;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _output.Write(buffer);
        _position += buffer.Length;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush() => _output.Flush();
}
