using System.Runtime.InteropServices;

namespace SeverityEngine.Native.Abi;

/// <summary><c>severity_result</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
struct NativeResult : ISizedStruct
{
    public uint Size;
    public uint Warnings;
    public double GeographicExtent;
    public double Opacity;
    public double GeographicExtentRaw;
    public double OpacityRaw;
    public double DecodeMilliseconds;
    public double PreprocessMilliseconds;
    public double InferMilliseconds;

    public static string Name => "severity_result";

    public static uint FirstSize => 64;

    /// <summary>What stands where there is no score, so that a status that nobody looked at is not taken for healthy lungs.</summary>
    public static NativeResult None { get; } = new()
    {
        GeographicExtent = double.NaN,
        Opacity = double.NaN,
        GeographicExtentRaw = double.NaN,
        OpacityRaw = double.NaN,
    };

    public static NativeResult From(in SeverityScore score, int warnings) => new()
    {
        Warnings = (uint)warnings,
        GeographicExtent = score.GeographicExtent,
        Opacity = score.Opacity,
        GeographicExtentRaw = score.GeographicExtentRaw,
        OpacityRaw = score.OpacityRaw,
        DecodeMilliseconds = score.Timings.Decode.TotalMilliseconds,
        PreprocessMilliseconds = score.Timings.Preprocess.TotalMilliseconds,
        InferMilliseconds = score.Timings.Infer.TotalMilliseconds,
    };
}
