using System.Runtime.InteropServices;

namespace SeverityEngine.Native.Abi;

/// <summary><c>severity_library_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeLibraryInfo : ISizedStruct
{
    public uint Size;
    public uint AbiVersion;
    public byte* Version;
    public byte* OnnxRuntimeVersion;
    public byte* InstructionSets;
    public byte* Notices;

    public static string Name => "severity_library_info";

    public static uint FirstSize => 40;
}
