using System.Runtime.InteropServices;

namespace SeverityEngine.Native.Abi;

/// <summary><c>severity_options</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeOptions : ISizedStruct
{
    public uint Size;
    public int Threads;
    public int MaxConcurrency;
    public int MaxSide;
    public long MaxPixels;
    public long MaxFileBytes;
    public delegate* unmanaged<void*, int, byte*, void> Log;
    public void* LogContext;

    public static string Name => "severity_options";

    public static uint FirstSize => 48;
}
