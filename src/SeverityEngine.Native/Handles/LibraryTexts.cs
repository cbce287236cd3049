using System.Reflection;
using SeverityEngine.Native.Abi;

namespace SeverityEngine.Native.Handles;

/// <summary>Texts that live as long as the library: made when they are first asked for.</summary>
static unsafe class LibraryTexts
{
    const string OnnxRuntime = "onnxruntime";
    const string Notices = "THIRD-PARTY-NOTICES.md";

    static readonly Lock s_gate = new();
    static readonly Dictionary<SeverityError, nint> s_statusNames = [];
    static bool s_prepared;
    static NativeLibraryInfo s_info;

    /// <summary>
    /// Published for one platform, the library carries ONNX Runtime inside; built without one (in tests), it lies beside it.
    /// </summary>
    public static void Prepare()
    {
        lock (s_gate)
        {
            if (s_prepared)
                return;
            Assembly assembly = typeof(LibraryTexts).Assembly;
            if (assembly.GetManifestResourceInfo(OnnxRuntime) is not null)
                SeverityRuntime.UseEmbeddedOnnxRuntime(assembly, OnnxRuntime);
            s_prepared = true;
        }
    }

    public static NativeLibraryInfo Info(uint abiVersion)
    {
        Prepare();
        lock (s_gate)
        {
            if (s_info.Version is null)
            {
                using Stream notices = typeof(LibraryTexts).Assembly.GetManifestResourceStream(Notices)
                    ?? throw new SeverityException(SeverityError.Internal, $"this build lacks {Notices}");
                using StreamReader reader = new(notices);
                s_info = new NativeLibraryInfo
                {
                    AbiVersion = abiVersion,
                    OnnxRuntimeVersion = Utf8.Copy(SeverityRuntime.OnnxRuntimeVersion),
                    InstructionSets = Utf8.Copy(SeverityRuntime.InstructionSets),
                    Notices = Utf8.Copy(reader.ReadToEnd()),
                    Version = Utf8.Copy(SeverityRuntime.EngineVersion),
                };
            }
            return s_info;
        }
    }

    /// <summary>The name of a code in the one table of errors; <c>unknown</c> for a number that is none.</summary>
    public static byte* StatusName(SeverityError status)
    {
        bool known = Enum.IsDefined(status);
        lock (s_gate)
        {
            SeverityError key = known ? status : (SeverityError)int.MinValue;
            if (!s_statusNames.TryGetValue(key, out nint name))
                s_statusNames[key] = name = (nint)Utf8.Copy(known ? status.Name() : "unknown");
            return (byte*)name;
        }
    }
}
