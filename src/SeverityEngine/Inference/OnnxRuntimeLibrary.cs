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
    static bool s_keepsCopy;
    static Task? s_loading;
    static nint s_library;
    static SeverityException? s_fault;

    /// <summary>Names the resource that holds the native library; has an effect only before <see cref="Initialize"/>.</summary>
    public static void UseResource(Assembly assembly, string resource, bool keepCopy)
    {
        lock (s_gate)
        {
            if (s_initialized)
                throw new SeverityException(
                    SeverityError.InvalidArgument, "ONNX Runtime is already loaded; name its resource before the first predictor");
            (s_assembly, s_resource, s_keepsCopy) = (assembly, resource, keepCopy);
        }
    }

    /// <summary>The assembly that native libraries are embedded in; null for none.</summary>
    public static Assembly? Embedding
    {
        get
        {
            lock (s_gate)
                return s_assembly;
        }
    }

    /// <summary>
    /// Begins to do what <see cref="Initialize"/> does on another thread: the library's environment, where it registers all operators,
    /// takes longer than its loading. Without a resource there is nothing to begin.
    /// </summary>
    public static void BeginInitializing()
    {
        lock (s_gate)
        {
            if (s_initialized || s_loading is not null || s_assembly is null)
                return;
            Task loading = s_loading = Task.Factory.StartNew(
                () =>
                {
                    try
                    {
                        Initialize();
                    }
                    catch (SeverityException)
                    {
                        // It is raised again where the library is first needed.
                    }
                }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            // A process that ends while a library's initializers run can crash in its own exit handlers.
            AppDomain.CurrentDomain.ProcessExit += (_, _) => loading.Wait();
        }
    }

    /// <summary>The library's version; loads it, and nothing more.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.RuntimeUnavailable"/>.</exception>
    public static string Version
    {
        get
        {
            lock (s_gate)
            {
                RequireNoFault();
                Telemetry.Disable();
                try
                {
                    // Where there is none, loading it by name raises the reason.
                    return Kernels.OrtApi.VersionOf(Handle is not 0 and nint library
                        ? library : NativeLibrary.Load("onnxruntime", typeof(OrtEnv).Assembly, null));
                }
                catch (Exception e) when (IsLoadFault(e))
                {
                    throw s_fault = Unavailable(e);
                }
            }
        }
    }

    /// <exception cref="SeverityException"><see cref="SeverityError.RuntimeUnavailable"/>.</exception>
    public static void Initialize()
    {
        lock (s_gate)
        {
            if (s_initialized)
                return;
            RequireNoFault();
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
            catch (Exception e) when (IsLoadFault(e))
            {
                throw s_fault = Unavailable(e);
            }
            s_initialized = true;
        }
    }

    /// <summary>What failed to load once fails again, and .NET would give another reason: the first one stands.</summary>
    static void RequireNoFault()
    {
        if (s_fault is { } before)
            throw new SeverityException(before.Code, before.Message, before);
    }

    static bool IsLoadFault(Exception e) => e is TypeInitializationException or DllNotFoundException or EntryPointNotFoundException
        or BadImageFormatException or OnnxRuntimeException or NotSupportedException;

    static SeverityException Unavailable(Exception e)
    {
        Exception cause = e is TypeInitializationException { InnerException: { } inner } ? inner : e;
        return new SeverityException(SeverityError.RuntimeUnavailable,
            $"ONNX Runtime's native library cannot be loaded on {RuntimeInformation.RuntimeIdentifier}: {Reason(cause)}; " +
            "it needs a 64-bit glibc system with libstdc++ (Debian: apt-get install libstdc++6), Windows 10 or macOS 14", e);
    }

    /// <summary>The loader's own words, which .NET puts last.</summary>
    static string Reason(Exception e) =>
        e.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries) is [.., string last] ? last : e.Message;

    /// <summary>The native library's handle; loads it. 0 where .NET cannot find it, or not again.</summary>
    /// <exception cref="DllNotFoundException">The embedded one cannot be loaded.</exception>
    public static nint Handle
    {
        get
        {
            lock (s_gate)
            {
                if (s_library == 0 && s_assembly is not null)
                    s_library = EmbeddedLibrary.Load(s_assembly, s_resource!, s_keepsCopy);
                else if (s_library == 0)
                    _ = NativeLibrary.TryLoad("onnxruntime", typeof(OrtEnv).Assembly, null, out s_library);
                return s_library;
            }
        }
    }

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name.Contains("onnxruntime", StringComparison.OrdinalIgnoreCase) ? Handle : 0;
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
