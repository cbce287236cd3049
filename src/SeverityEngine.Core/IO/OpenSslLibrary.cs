using System.Runtime.InteropServices;

namespace SeverityEngine.IO;

/// <summary>
/// On Linux .NET takes TLS and hashes from the system's OpenSSL, and ends the process where there is none; so it is looked for first.
/// Nothing but a download needs it.
/// </summary>
static class OpenSslLibrary
{
    // What .NET looks for, in its order.
    static readonly string[] s_names =
        ["libssl.so.3", "libssl.so.1.1", "libssl.so.11", "libssl.so.10", "libssl.so.1.0.2", "libssl.so.1.0.0"];

    static readonly Lazy<bool> s_isPresent = new(Find);

    /// <summary>Whether the system has it.</summary>
    public static bool IsPresent => s_isPresent.Value;

    /// <exception cref="SeverityException"><see cref="SeverityError.DownloadFailed"/>.</exception>
    public static void Require()
    {
        if (OperatingSystem.IsLinux() && !IsPresent)
        {
            throw new SeverityException(SeverityError.DownloadFailed,
                "this system has no OpenSSL library (libssl.so.3), which HTTPS needs; install it (Debian: apt-get install libssl3), "
                    + "or download the files on another machine and give them with --from");
        }
    }

    static bool Find()
    {
        string[] names = Environment.GetEnvironmentVariable("CLR_OPENSSL_VERSION_OVERRIDE") is { Length: > 0 } version
            ? [$"libssl.so.{version}", .. s_names]
            : s_names;
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                NativeLibrary.Free(library);
                return true;
            }
        }
        return false;
    }
}
