namespace SeverityEngine.Batch.Rows;

/// <summary>Where finished rows go. Nothing is ever handed over but whole rows.</summary>
abstract class RowOutput : IDisposable
{
    /// <summary>Whether rows stand there already, so that a heading does too.</summary>
    public virtual bool HoldsRows => false;

    /// <summary>Takes one or more whole rows.</summary>
    public abstract void Write(ReadOnlySpan<byte> rows);

    /// <summary>What was written is safe when this returns, as far as the output can make it so.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>: rows are held that could not be written.</exception>
    public virtual void Secure()
    {
    }

    /// <summary>Ends the output: what was written is safe when this returns.</summary>
    public abstract void Complete();

    public abstract void Dispose();
}

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
