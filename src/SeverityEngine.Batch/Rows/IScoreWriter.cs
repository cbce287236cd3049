namespace SeverityEngine.Batch.Rows;

/// <summary>Prints rows in one format.</summary>
interface IScoreWriter : IDisposable
{
    /// <summary>Prints a row; when this returns, all of it has been handed to the output.</summary>
    void Write(ScoreRow row);

    /// <summary>Ends the output.</summary>
    void Complete();
}
