using SeverityEngine.IO;

namespace SeverityEngine.Parquet;

/// <summary>What ends the program early, as the command that started it is told.</summary>
static class ParquetFaults
{
    /// <summary>What shells give for a program that SIGPIPE ended.</summary>
    const int ReaderGone = 128 + 13;

    /// <summary>Says what went wrong, in a line.</summary>
    /// <returns>The exit code.</returns>
    public static int End(Exception e, TextWriter error)
    {
        if (e is ReaderGoneException)
            return ReaderGone;
        error.WriteLine(Printable.Text(e switch
        {
            SeverityException => e.Message,
            OutOfMemoryException => "there is not enough memory",
            IOException => FileFaults.Reason(e),
            _ => $"a fault of severity-parquet, please report it: {e.GetType().Name}: {e.Message}",
        }));
        return e is SeverityException known ? known.Code.ExitCode() : SeverityError.Internal.ExitCode();
    }
}
