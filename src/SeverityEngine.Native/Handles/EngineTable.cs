using System.Runtime.InteropServices;

namespace SeverityEngine.Native.Handles;

/// <summary>
/// The engines that callers hold. A handle is no address but a number: an index, a mark, and a serial that never returns, so that one
/// that was destroyed, or was never a handle, is refused and not followed.
/// </summary>
static partial class EngineTable
{
    /// <summary>Odd, so that no pointer to an object of the caller's looks like a handle.</summary>
    const ushort Mark = 0x5E7B;

    const int MaxEngines = ushort.MaxValue + 1;

    static readonly Lock s_gate = new();
    static volatile NativeEngine?[] s_engines = new NativeEngine?[4];
    static uint s_serial;

    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: 65,536 engines live.</exception>
    public static nint Add(NativeEngine engine)
    {
        lock (s_gate)
        {
            NativeEngine?[] engines = s_engines;
            int index = Array.IndexOf(engines, null);
            if (index < 0)
            {
                index = engines.Length;
                if (index == MaxEngines)
                    throw Invalid($"{MaxEngines} engines live; destroy those that are no longer needed");
                Array.Resize(ref engines, 2 * index);
            }
            engine.Handle = (nint)((ulong)++s_serial << 32 | (ulong)index << 16 | Mark);
            engine.ProcessId = ProcessId();
            engines[index] = engine;
            s_engines = engines;
            return engine.Handle;
        }
    }

    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/> or <see cref="SeverityError.Disposed"/>.</exception>
    public static NativeEngine Get(nint handle)
    {
        NativeEngine?[] engines = s_engines;
        int index = (int)((ulong)handle >> 16 & ushort.MaxValue);
        if ((ushort)handle == Mark && index < engines.Length && engines[index] is { } engine && engine.Handle == handle)
        {
            if (engine.ProcessId != ProcessId())
                throw Invalid(
                    "the engine was created before this process was forked, and its threads are not here; create one in this process");
            return engine;
        }
        throw handle == 0 ? Invalid("the engine is NULL; create one with severity_create")
            : (ushort)handle != Mark ? Invalid("what is given as the engine is not one that this library created")
            : new SeverityException(SeverityError.Disposed, "the engine has been destroyed; create a new one");
    }

    /// <summary>Takes an engine out: of several callers, one gets it.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/> or <see cref="SeverityError.Disposed"/>.</exception>
    public static NativeEngine Remove(nint handle)
    {
        lock (s_gate)
        {
            NativeEngine engine = Get(handle);
            s_engines[(int)((ulong)handle >> 16 & ushort.MaxValue)] = null;
            return engine;
        }
    }

    static SeverityException Invalid(string message) => new(SeverityError.InvalidArgument, message);

    /// <summary>.NET's own answer is kept from before a fork.</summary>
    static int ProcessId() => OperatingSystem.IsWindows() ? 0 : GetProcessId();

    [LibraryImport("libc", EntryPoint = "getpid")]
    [SuppressGCTransition]
    private static partial int GetProcessId();
}
