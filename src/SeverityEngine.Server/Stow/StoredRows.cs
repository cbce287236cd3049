using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Server.Stow;

/// <summary>The file that the rows of stored images are added to. Safe for use by several threads.</summary>
sealed class StoredRows : IDisposable
{
    readonly Lock _gate = new();
    readonly RowOutput _output;
    readonly IScoreWriter _writer;
    readonly DicomFiles? _reports;

    /// <param name="path">The file.</param>
    /// <param name="uids">Whether rows have the UIDs of their images.</param>
    /// <param name="reports">What writes reports; null for none.</param>
    /// <exception cref="SeverityException">It cannot be written, or holds something else.</exception>
    public StoredRows(string path, bool uids, DicomFiles? reports)
    {
        _reports = reports;
        RowSchema schema = RowSchema.For([], dicom: reports is not null, uids: uids);
        ResumeIndex held = new();
        ResultOutput place = new(path, Format: null, Append: true) { Found = reports is null ? _ => { } : held.Add };
        _output = place.Open(schema, new WarningHost());
        _writer = place.Writer(_output, schema, model: null);
        // Another file of reports for the same images would hide what rows name already.
        reports?.Keep(held);
    }

    /// <summary>Adds the rows of a request; when this returns, the disk has them.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.FileUnwritable"/>.</exception>
    public void Add(IReadOnlyList<ScoreRow> rows)
    {
        lock (_gate)
        {
            foreach (ScoreRow row in rows)
            {
                _writer.Write(row);
                _reports?.Forget(row.Name);
            }
            _output.Secure();
        }
    }

    public void Complete()
    {
        lock (_gate)
            _writer.Complete();
    }

    public void Dispose()
    {
        _writer.Dispose();
        _output.Dispose();
    }

    /// <summary>Hears of a disk that is full.</summary>
    sealed class WarningHost : IRunHost
    {
        public CancellationToken Stop => CancellationToken.None;

        public CancellationToken Abandon => CancellationToken.None;

        public int StopExitCode => 0;

        public void Line(string message) => Report.Line(message);

        public void Warning(string message) => Report.Warning(message);

        public void Error(string message) => Report.Error(message);

        public void ShowProgress(IRunProgress progress, Action body) => body();
    }
}
