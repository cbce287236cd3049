using System.Runtime.InteropServices;
using System.Text;
using SeverityEngine.IO;

namespace SeverityEngine.Programs;

/// <summary>The one way out for whatever fails: a line on standard error and an exit code of the table, never a stack trace.</summary>
static partial class Failures
{
    // The signal of a file that has reached the process's limit, the same on Linux and macOS, and SIG_IGN. It ends the process where
    // nobody handles it; ignored, the write fails and says why.
    const int FileSizeExceeded = 25, Ignore = 1;

    /// <summary>What shells give for a program that SIGPIPE ended.</summary>
    const int ReaderGone = 128 + 13;

    /// <summary>Has all that goes to the console go through streams that fail as they should; to be called first of all.</summary>
    public static void Prepare()
    {
        Console.SetError(Writer(StandardStreams.OpenError()));
        if (!OperatingSystem.IsWindows())
        {
            _ = Handle(FileSizeExceeded, Ignore);
            Console.SetOut(Writer(StandardStreams.OpenOutput()));
        }
        // No thread is left without a guard, as far as is known. What is not known ends here.
        AppDomain.CurrentDomain.UnhandledException += (_, e) => Environment.Exit(End((Exception)e.ExceptionObject));

        static TextWriter Writer(Stream stream) =>
            TextWriter.Synchronized(new StreamWriter(stream, new UTF8Encoding(false), 256) { AutoFlush = true });
    }

    /// <summary>Says what went wrong.</summary>
    /// <returns>The exit code.</returns>
    public static int End(Exception e)
    {
        Exception cause = Innermost(e);
        switch (cause)
        {
            case SeverityException known:
                Report.Error(known.Message);
                return known.Code.ExitCode();
            case ReaderGoneException:
                // As every filter ends: quietly, and without success.
                return ReaderGone;
            case OutOfMemoryException or ThreadStartException or InsufficientExecutionStackException:
            case IOException when FileFaults.IsOutOfMemory(cause) || FileFaults.IsInUse(cause):
                Report.Error("there is not enough memory, or no more threads may be made; "
                    + "use fewer --threads, or raise the limits of this process");
                return SeverityError.OutOfMemory.ExitCode();
            case IOException or UnauthorizedAccessException or ObjectDisposedException:
                // Standard output went away: closed, or on a full disk.
                Report.Error($"the results cannot be written: {FileFaults.Reason(cause)}");
                return SeverityError.FileUnwritable.ExitCode();
            default:
                Report.Error($"a fault of this program, please report it: {cause.GetType().Name}: {cause.Message}");
                return SeverityError.Internal.ExitCode();
        }
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Handle(int signal, nint handler);

    /// <summary>What the frameworks' wrappings hold.</summary>
    static Exception Innermost(Exception e)
    {
        while (e is AggregateException or TypeInitializationException or TaskSchedulerException
            && e.InnerException is { } inner)
            e = inner;
        return e;
    }
}
