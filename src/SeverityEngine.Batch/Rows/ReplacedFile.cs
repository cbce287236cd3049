using SeverityEngine.IO;

namespace SeverityEngine.Batch.Rows;

/// <summary>A file that is only good whole, as a JSON array is. A second run that would write it too is refused.</summary>
sealed class ReplacedFile(string path) : RowOutput
{
    readonly AtomicFile _file = AtomicFile.Create(path, exclusive: true);

    public override void Write(ReadOnlySpan<byte> rows) => _file.Write(rows);

    public override void Complete() => _file.Complete();

    public override void Dispose() => _file.Dispose();
}
