using System.Runtime.InteropServices;

namespace SeverityEngine.IO;

/// <summary>Whoever read standard output has gone: nobody is left to work for.</summary>
sealed class ReaderGoneException() : IOException("nobody reads standard output any more");

/// <summary>
/// Standard output and standard error. .NET's own keep silent when the reader of a pipe is gone, so that a run would go on for nobody,
/// and end the process where standard error cannot be written to.
/// </summary>
static partial class StandardStreams
{
    const int OutputDescriptor = 1, ErrorDescriptor = 2;

    // errno, the same on Linux and macOS.
    const int Interrupted = 4, BadDescriptor = 9, BrokenPipe = 32;

    /// <summary>POLLOUT, and to wait without end.</summary>
    const short PollOut = 4, Forever = -1;

    // fcntl(2): the flags that a descriptor was opened with, and the bits of them that tell reading from writing.
    const int GetFlags = 3, AccessMask = 3, ReadOnly = 0;

    /// <summary>The highest descriptor that is looked at for the other end of a pipe: the runtime opens its own first of all.</summary>
    const int RuntimeDescriptors = 16;

    // Asked once, when the first of these streams is opened, before the program opens files of its own: a closed descriptor's number goes
    // to the next file, and messages would be written into it.
    static readonly bool s_outputWasClosed = WasClosed(OutputDescriptor), s_errorWasClosed = WasClosed(ErrorDescriptor);

    /// <summary>Standard output. Where the reader is gone, writing raises <see cref="ReaderGoneException"/>.</summary>
    public static Stream OpenOutput() => OperatingSystem.IsWindows() ? Console.OpenStandardOutput()
        : new DescriptorStream(OutputDescriptor);

    /// <summary>Standard error; what cannot be written there is dropped.</summary>
    public static Stream OpenError() =>
        new DroppingStream(OperatingSystem.IsWindows() ? Console.OpenStandardError() : new DescriptorStream(ErrorDescriptor));

    /// <summary>
    /// Whether a descriptor was closed when the program began. What opens a file next gets its number: the runtime, which opens a source
    /// of random numbers to read, and a pipe to itself. Results that were written there would be lost, or taken for signals.
    /// </summary>
    static bool WasClosed(int descriptor)
    {
        int flags = Control(descriptor, GetFlags);
        if (flags < 0 || (flags & AccessMask) == ReadOnly)
            return true;
        if (!OperatingSystem.IsLinux() || Target(descriptor) is not { } pipe || !pipe.StartsWith("pipe:", StringComparison.Ordinal))
            return false;
        // Both ends in one process: the runtime's pipe to itself, or output and error that share one, as 2>&1 has it, which only write.
        for (int other = 0; other < RuntimeDescriptors; other++)
        {
            if (other != descriptor && (Control(other, GetFlags) & AccessMask) == ReadOnly && Target(other) == pipe)
                return true;
        }
        return false;

        static string? Target(int descriptor)
        {
            try
            {
                return new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget;
            }
            catch (Exception e) when (FileFaults.IsFault(e))
            {
                return null;
            }
        }
    }

    /// <summary>Writes to an open descriptor.</summary>
    sealed class DescriptorStream(int descriptor) : WriteOnlyStream
    {
        readonly bool _wasClosed = descriptor == OutputDescriptor ? s_outputWasClosed : s_errorWasClosed;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (_wasClosed)
                throw Closed();
            while (!buffer.IsEmpty)
            {
                nint written = WriteTo(descriptor, buffer, (nuint)buffer.Length);
                if (written >= 0)
                {
                    buffer = buffer[(int)written..];
                    continue;
                }
                int error = Marshal.GetLastPInvokeError();
                if (FileFaults.IsWouldBlock(error))
                {
                    // Somebody made the pipe one that does not wait, and it is full.
                    Waiting waiting = new() { Descriptor = descriptor, Events = PollOut };
                    _ = Poll(ref waiting, 1, Forever);
                }
                else if (error == BrokenPipe)
                    throw new ReaderGoneException();
                else if (error == BadDescriptor)
                    throw Closed();
                else if (error != Interrupted)
                    throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
            }
        }

        OwnFault Closed() => new(descriptor == OutputDescriptor ? "standard output is closed" : "standard error is closed");
    }

    /// <summary>Drops what cannot be written: a message that nobody can get must not end the work that it is about.</summary>
    sealed class DroppingStream(Stream output) : WriteOnlyStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                output.Write(buffer);
            }
            catch (Exception e) when (FileFaults.IsFault(e))
            {
                // Dropped.
            }
        }
    }

    /// <summary>struct pollfd (poll.h).</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct Waiting
    {
        public int Descriptor;
        public short Events;
        public short Occurred;
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteTo(int descriptor, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref Waiting waiting, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command);
}
