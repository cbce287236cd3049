using System.Runtime.InteropServices;

namespace SeverityEngine.Native.Abi;

/// <summary><c>severity_dicom_results</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeDicomResults : ISizedStruct
{
    public uint Size;
    public int Target;
    public int Method;
    public int Overlay;
    public void* ReportAt;
    public nuint ReportRoom;
    public nuint ReportSize;
    public void* CaptureAt;
    public nuint CaptureRoom;
    public nuint CaptureSize;
    public double PictureEnd;

    public static string Name => "severity_dicom_results";

    public static uint FirstSize => 72;

    public readonly bool WantsReport => ReportAt is not null;

    public readonly bool WantsCapture => CaptureAt is not null;

    /// <summary>Whether the picture shows the whole image, and not the network's input.</summary>
    public readonly bool IsOverOriginal => Overlay == 1;

    /// <summary>The value of the last color; null for the map's largest.</summary>
    public readonly float? End => PictureEnd == 0 ? null : (float)PictureEnd;

    /// <summary>What the prediction has to give beside the scores.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public readonly PredictionOptions Options() =>
        new() { Saliency = WantsCapture ? NativeMaps.Options(Target, Method) : null };

    /// <summary>Refuses, before anything is read or scored, what cannot be.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public readonly void Check()
    {
        NativeMaps.CheckPicture(Overlay, PictureEnd);
        if (ReportAt is null && ReportRoom != 0)
            throw Invalid($"room for {ReportRoom} bytes of a report at NULL");
        if (CaptureAt is null && CaptureRoom != 0)
            throw Invalid($"room for {CaptureRoom} bytes of a capture at NULL");
    }

    /// <summary>Gives the objects to the caller: their sizes, and their bytes where there is room for all of them.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: there is not; the sizes are set.</exception>
    public void Give(byte[] report, byte[] capture)
    {
        ReportSize = (nuint)report.Length;
        CaptureSize = (nuint)capture.Length;
        if (ReportSize > ReportRoom)
            throw Invalid($"the report has room for {ReportRoom} bytes; this one takes {ReportSize}");
        if (CaptureSize > CaptureRoom)
            throw Invalid($"the capture has room for {CaptureRoom} bytes; this one takes {CaptureSize}");
        report.CopyTo(new Span<byte>(ReportAt, report.Length));
        capture.CopyTo(new Span<byte>(CaptureAt, capture.Length));
    }

    static SeverityException Invalid(string message) => new(SeverityError.InvalidArgument, message);
}
