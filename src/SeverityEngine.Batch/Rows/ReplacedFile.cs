namespace SeverityEngine.Batch.Rows;

/// <summary>
/// A file that is only good whole, as a JSON array is: written beside its place as <c>NAME.partial</c> and moved there at the end,
/// so that the name always stands for a complete file, the old one or the new one.
/// </summary>
sealed class ReplacedFile : RowOutput
{
    readonly string _path;
    readonly string _partial;
    readonly FileStream _stream;
    bool _complete;

    /// <exception cref="SeverityException">The file cannot be made.</exception>
    public ReplacedFile(string path)
    {
        _path = path;
        _partial = path + ".partial";
        try
        {
            _stream = new FileStream(_partial, FileMode.Create, FileAccess.Write, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new SeverityException(SeverityError.FileUnwritable, $"{path}: cannot be written: {e.Message}", e);
        }
    }

    public override void Write(ReadOnlySpan<byte> rows) => _stream.Write(rows);

    public override void Complete()
    {
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        File.Move(_partial, _path, overwrite: true);
        _complete = true;
    }

    public override void Dispose()
    {
        if (_complete)
            return;
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // The disk is full, which has been reported; the partial file goes.
        }
        File.Delete(_partial);
    }
}
