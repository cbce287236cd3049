using System.Runtime.InteropServices;

namespace SeverityEngine.Native.Abi;

/// <summary><c>severity_model_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeModelInfo : ISizedStruct
{
    public uint Size;
    public int InputSize;
    public double GeographicExtentLowest;
    public double GeographicExtentHighest;
    public double OpacityLowest;
    public double OpacityHighest;
    public byte* ModelName;
    public byte* Version;
    public byte* Source;
    public nuint MetadataCount;

    public static string Name => "severity_model_info";

    public static uint FirstSize => 72;
}
