using System.Runtime.InteropServices;
using System.Text;
using SeverityEngine;
using SeverityEngine.IO;
using SeverityEngine.Parquet;

const int ReaderGone = 128 + 13;
const string Usage = """
    severity-parquet writes the rows of 'severity merge ROWS... -o FILE.parquet' as Parquet. That command starts it, from beside itself; it has
    no use of its own. It reads rows from standard input and writes to standard output.

    Usage:
      severity-parquet --version
      severity-parquet --licenses   Print the licenses of everything inside this program.

    Research only, not for medical use.
    """;

using Stream output = StandardStreams.OpenOutput();
using StreamWriter error = new(StandardStreams.OpenError()) { AutoFlush = true };
// A terminal's Ctrl-C is meant for the command that started this program: it says what is to become of the rows.
PosixSignalRegistration[] ignored =
    [.. ((PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM]).Select(s => PosixSignalRegistration.Create(s, c => c.Cancel = true))];
try
{
    switch (args)
    {
        case [] when Console.IsInputRedirected:
            using (Stream input = Console.OpenStandardInput())
                await ParquetRun.Run(input, output);
            return 0;
        case ["--version"]:
            output.Write([.. Encoding.UTF8.GetBytes(ParquetRun.Version), (byte)'\n']);
            return 0;
        case ["--licenses"]:
            using (Stream notices = typeof(ParquetRun).Assembly.GetManifestResourceStream("THIRD-PARTY-NOTICES.md")!)
                notices.CopyTo(output);
            return 0;
        default:
            error.WriteLine(Usage);
            return args is ["--help" or "-h" or "-?"] ? 0 : SeverityError.InvalidArgument.ExitCode();
    }
}
#pragma warning disable CA1031 // Whatever it is, it ends in one line and an exit code; the command that started this program tells it.
catch (Exception e)
#pragma warning restore CA1031
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
    return (e as SeverityException)?.Code.ExitCode() ?? SeverityError.Internal.ExitCode();
}
finally
{
    foreach (PosixSignalRegistration signal in ignored)
        signal.Dispose();
}
