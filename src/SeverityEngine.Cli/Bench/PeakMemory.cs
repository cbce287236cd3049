using System.Diagnostics;
using System.Globalization;
using SeverityEngine.IO;

namespace SeverityEngine.Cli.Bench;

/// <summary>The most memory that this process held at once.</summary>
static class PeakMemory
{
    /// <summary>Forgets the peak so far, where the system can: proc(5), <c>clear_refs</c>.</summary>
    public static void Reset()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            // A kernel without it, or a container that hides it: the peak is that of the whole run.
        }
    }

    /// <summary>Resident bytes; null where the system doesn't say.</summary>
    public static long? Read()
    {
        const string Peak = "VmHWM:";
        if (OperatingSystem.IsLinux())
        {
            // .NET's own figure is this one too, but keeps the highest that it has seen.
            string? line = SystemText.Lines("/proc/self/status").FirstOrDefault(l => l.StartsWith(Peak, StringComparison.Ordinal));
            string? kibibytes = line?[Peak.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
            return long.TryParse(kibibytes, NumberStyles.None, CultureInfo.InvariantCulture, out long peak) ? peak << 10 : null;
        }
        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 is > 0 and long bytes ? bytes : null;
    }
}
