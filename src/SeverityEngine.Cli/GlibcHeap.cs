using System.Runtime.InteropServices;

namespace SeverityEngine.Cli;

/// <summary>
/// Sets up glibc's heap for a process that makes one session and is gone. As it comes, every buffer above 128 KiB is mapped, faulted in and
/// unmapped again while the session is made.
/// </summary>
static partial class GlibcHeap
{
    // Parameters of mallopt(3), as <malloc.h> numbers them.
    const int TrimThreshold = -1;
    const int TopPad = -2;
    const int MmapThreshold = -3;

    /// <summary>Sets it up. It takes effect in the process's first thread; those of other threads grow by a page a system call whatever is set.</summary>
    public static void Tune()
    {
        if (!OperatingSystem.IsLinux())
            return;
        _ = SetOption(TopPad, 4 << 20);
        _ = SetOption(MmapThreshold, 32 << 20); // the most it takes
        _ = SetOption(TrimThreshold, 64 << 20);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int parameter, int value);
}
