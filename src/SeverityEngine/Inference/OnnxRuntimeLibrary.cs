using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace SeverityEngine.Inference;

/// <summary>
/// Brings ONNX Runtime up, once a process: telemetry off before anything else, the native library from the resource that was named with
/// <see cref="UseResource"/> or from where .NET looks for it, and its environment quiet.
/// </summary>
static class OnnxRuntimeLibrary
{
    static readonly Lock s_gate = new();
    static bool s_initialized;
    static Assembly? s_assembly;
    static string? s_resource;
    static Task<nint>? s_loading;
    static nint s_library;
    static SeverityException? s_fault;

    /// <summary>Names the resource that holds the native library; has an effect only before <see cref="Initialize"/>.</summary>
    public static void UseResource(Assembly assembly, string resource)
    {
        lock (s_gate)
        {
            if (s_initialized)
                throw new SeverityException(
                    SeverityError.InvalidArgument, "ONNX Runtime is already loaded; name its resource before the first predictor");
            (s_assembly, s_resource) = (assembly, resource);
        }
    }

    /// <summary>Begins to load the library from its resource on another thread; without one there is nothing to begin.</summary>
    public static void BeginLoading()
    {
        lock (s_gate)
        {
            if (s_initialized || s_loading is not null || s_assembly is not { } assembly || s_resource is not { } resource)
                return;
            Telemetry.Disable();
            Task<nint> loading = s_loading = Task.Factory.StartNew(
                () => EmbeddedLibrary.Load(assembly, resource), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
            // A process that ends while a library's initializers run can crash in its own exit handlers. What failed is told elsewhere.
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Task.WaitAny(loading);
        }
    }

    /// <exception cref="SeverityException"><see cref="SeverityError.RuntimeUnavailable"/>.</exception>
    public static void Initialize()
    {
        lock (s_gate)
        {
            if (s_initialized)
                return;
            // What failed to load once fails again, and .NET would give another reason: the first one stands.
            if (s_fault is { } before)
                throw new SeverityException(before.Code, before.Message, before);
            Telemetry.Disable();
            try
            {
                if (s_assembly is not null)
                {
                    OrtEnv.DisableDllImportResolver = true;
                    NativeLibrary.SetDllImportResolver(typeof(OrtEnv).Assembly, Resolve);
                }
                if (!OrtEnv.IsCreated)
                {
                    EnvironmentCreationOptions options = new() { logId = "severity", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
                    OrtEnv.CreateInstanceWithOptions(ref options);
                }
                OrtEnv.Instance().DisableTelemetryEvents();
            }
            catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException
                or BadImageFormatException or OnnxRuntimeException or NotSupportedException)
            {
                Exception cause = e is TypeInitializationException { InnerException: { } inner } ? inner : e;
                throw s_fault = new SeverityException(SeverityError.RuntimeUnavailable,
                    $"ONNX Runtime's native library cannot be loaded on {RuntimeInformation.RuntimeIdentifier}: {Reason(cause)}; " +
                    "it needs a 64-bit glibc system with libstdc++ (Debian: apt-get install libstdc++6), Windows 10 or macOS 14", e);
            }
            s_initialized = true;
        }
    }

    /// <summary>The loader's own words, which .NET puts last.</summary>
    static string Reason(Exception e) =>
        e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries) is [.., string last] ? last : e.Message;

    /// <summary>The native library's handle, once <see cref="Initialize"/> has loaded it; 0 where it cannot be found again.</summary>
    public static nint Handle
    {
        get
        {
            lock (s_gate)
            {
                if (s_library == 0)
                    _ = NativeLibrary.TryLoad("onnxruntime", typeof(OrtEnv).Assembly, null, out s_library);
                return s_library;
            }
        }
    }

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (!name.Contains("onnxruntime", StringComparison.OrdinalIgnoreCase))
            return 0;
        if (s_library == 0)
            s_library = s_loading is { } loading ? loading.GetAwaiter().GetResult() : EmbeddedLibrary.Load(s_assembly!, s_resource!);
        return s_library;
    }
}

/// <summary>
/// ONNX Runtime 1.31 carries a telemetry uploader that starts with its environment and keeps a database in the user's cache folder.
/// It reads <c>ORT_DISABLE_TELEMETRY</c> from the C environment, which .NET's <c>Environment.SetEnvironmentVariable</c> does not reach on
/// Unix.
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
