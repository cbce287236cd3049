using System.Runtime.InteropServices;

namespace SeverityEngine.Inference;

/// <summary>
/// ONNX Runtime 1.31 carries a telemetry uploader that starts with its environment and keeps a database in the user's cache folder.
/// It reads <c>ORT_DISABLE_TELEMETRY</c> from the C environment, which .NET's <c>Environment.SetEnvironmentVariable</c> does not reach on Unix.
/// </summary>
static partial class Telemetry
{
    const string Variable = "ORT_DISABLE_TELEMETRY";

    /// <summary>Must be called before ONNX Runtime's native library is initialized.</summary>
    public static void Disable()
    {
        if (OperatingSystem.IsWindows())
        {
            Environment.SetEnvironmentVariable(Variable, "1");
            _ = PutEnvironment(Variable, "1");
        }
        else
        {
            _ = SetEnvironment(Variable, "1", 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("ucrtbase", EntryPoint = "_putenv_s", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int PutEnvironment(string name, string value);
}
