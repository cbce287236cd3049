using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SeverityEngine.Onnx.Tests.Reference;

/// <summary>
/// ONNX Runtime uploads telemetry unless its C environment forbids it, which Environment.SetEnvironmentVariable does not reach on Unix.
/// </summary>
static partial class TelemetryOff
{
    const string Variable = "ORT_DISABLE_TELEMETRY";

#pragma warning disable CA2255 // It must run before any test loads ONNX Runtime.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Set() => _ = OperatingSystem.IsWindows() ? PutEnvironment(Variable, "1") : SetEnvironment(Variable, "1", 1);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("ucrtbase", EntryPoint = "_putenv_s", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int PutEnvironment(string name, string value);
}
