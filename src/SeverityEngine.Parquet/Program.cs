using System.Runtime.InteropServices;
using System.Text;
using SeverityEngine;
using SeverityEngine.IO;
using SeverityEngine.Parquet;

const string Usage = """
    severity-parquet writes the rows of 'severity merge ROWS... -o FILE.parquet' as Parquet. That command starts it, from
    beside itself; it has no use of its own. It reads rows from standard input and writes to standard output.

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
        case ["--help"]:
            output.Write(Encoding.UTF8.GetBytes(Usage + '\n'));
            return 0;
        default:
            error.WriteLine(Usage);
            return SeverityError.InvalidArgument.ExitCode();
    }
}
#pragma warning disable CA1031 // Whatever it is, it ends in one line and an exit code; the command that started this program tells it.
catch (Exception e)
#pragma warning restore CA1031
{
    return ParquetFaults.End(e, error);
}
finally
{
    foreach (PosixSignalRegistration signal in ignored)
        signal.Dispose();
}
