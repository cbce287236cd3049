using System.Runtime.InteropServices;

namespace SeverityEngine.Cli;

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

    const int MmapThresholdMax = 32 << 20;

    // A session of a DenseNet-121 takes some 100 MiB while it is made.
    const int Chunks = 4;

    // MADV_HUGEPAGE of <sys/mman.h>, and the size of such pages on x86-64 and on arm64 with pages of 4 KiB.
    const int HugePages = 14;
    const nuint HugePage = 2 << 20;

    /// <summary>Sets it up. It takes effect in the process's first thread; those of other threads grow by a page a system call whatever is set.</summary>
    public static void Tune()
    {
        if (!OperatingSystem.IsLinux())
            return;
        _ = SetOption(TopPad, 4 << 20);
        _ = SetOption(MmapThreshold, MmapThresholdMax); // the most it takes
        _ = SetOption(TrimThreshold, 2 * Chunks * MmapThresholdMax);
        // What is given back here stays the heap's, and is faulted in by large pages when it is first written to, if the system has them for those who ask.
        const nuint Length = MmapThresholdMax - (1 << 20);
        void** chunks = stackalloc void*[Chunks];
        for (int i = 0; i < Chunks; i++)
        {
            chunks[i] = NativeMemory.Alloc(Length);
            nuint first = ((nuint)chunks[i] + HugePage - 1) & ~(HugePage - 1), end = ((nuint)chunks[i] + Length) & ~(HugePage - 1);
            _ = Advise((void*)first, end - first, HugePages);
        }
        for (int i = 0; i < Chunks; i++)
            NativeMemory.Free(chunks[i]);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
