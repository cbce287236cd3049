using System.Runtime.InteropServices;

namespace SeverityEngine.Interop;

/// <summary>
/// Large memory by large pages, where the system has them for those who ask (transparent huge pages on Linux): one fault for 2 MiB in place
/// of 512. Nothing else changes; elsewhere these are as usual.
/// </summary>
static unsafe partial class HugePages
{
    // MADV_HUGEPAGE of <sys/mman.h>, and the size of such pages on x86-64 and on arm64 with pages of 4 KiB.
    const int Advice = 14;
    const nuint PageBytes = 2 << 20;

    /// <summary>Asks for them in memory that was not written to yet, as far as whole ones fit.</summary>
    /// <param name="start">The first byte.</param>
    /// <param name="length">How many bytes.</param>
    public static void Ask(void* start, nuint length)
    {
        nuint first = ((nuint)start + PageBytes - 1) & ~(PageBytes - 1), end = ((nuint)start + length) & ~(PageBytes - 1);
        if (first < end && OperatingSystem.IsLinux())
            _ = Advise((void*)first, end - first, Advice);
    }

    /// <summary>Makes an array whose content is whatever was there, for those who fill it at once.</summary>
    /// <param name="length">Its length in bytes.</param>
    public static byte[] Allocate(int length)
    {
        byte[] array = GC.AllocateUninitializedArray<byte>(length);
        fixed (byte* start = array)
            Ask(start, (nuint)length);
        return array;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
