using System.Runtime.InteropServices;
using SeverityEngine.Interop;

namespace SeverityEngine.Programs;

/// <summary>
/// Sets up glibc's heap for a process that makes one session and is gone. As it comes, every buffer above 128 KiB is mapped, faulted in and
/// unmapped again while the session is made, 4 KiB at a time: some 8,000 page faults.
/// </summary>
static unsafe partial class GlibcHeap
{
    // Parameters of mallopt(3), as <malloc.h> numbers them.
    const int TrimThreshold = -1;
    const int TopPad = -2;
    const int MmapThreshold = -3;
    const int ArenaMax = -8;

    const int MmapThresholdMax = 32 << 20;

    // A session of a DenseNet-121 takes some 100 MiB while it is made.
    const int Chunks = 4;

    /// <summary>
    /// Sets it up, for all threads: they share one heap, since those that glibc gives to later ones grow by a page a system call whatever
    /// is set.
    /// </summary>
    public static void Tune()
    {
        if (!OperatingSystem.IsLinux())
            return;
        _ = SetOption(ArenaMax, 1);
        _ = SetOption(TopPad, 4 << 20);
        _ = SetOption(MmapThreshold, MmapThresholdMax); // the most it takes
        _ = SetOption(TrimThreshold, 2 * Chunks * MmapThresholdMax);
        // What is given back here stays the heap's, and is faulted in by large pages when it is first written to.
        const nuint Length = MmapThresholdMax - (1 << 20);
        void** chunks = stackalloc void*[Chunks];
        int made = 0;
        try
        {
            for (; made < Chunks; made++)
            {
                chunks[made] = NativeMemory.Alloc(Length);
                HugePages.Ask(chunks[made], Length);
            }
        }
        catch (OutOfMemoryException)
        {
            // The process may have little memory; what it needs it will ask for.
        }
        while (made > 0)
            NativeMemory.Free(chunks[--made]);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int parameter, int value);
}
