using System.Diagnostics;
using SeverityEngine.Dicom;
using SeverityEngine.Native.Abi;

namespace SeverityEngine.Native.Handles;

sealed unsafe partial class NativeEngine
{
    /// <summary>Reads, decodes and scores a DICOM file, and gives the results that are wanted.</summary>
    public NativeResult Report(string path, ref NativeDicomResults wanted)
    {
        wanted.Check();
        long start = Stopwatch.GetTimestamp();
        int begun = _predictor.CanceledSoFar;
        using ImageFile file = ImageFile.Open(path, Limits);
        return Report(file.Bytes, file.Name, ref wanted, start, begun);
    }

    /// <summary>Decodes and scores a DICOM file that is in memory, and gives the results that are wanted.</summary>
    public NativeResult Report(ReadOnlySpan<byte> encoded, string name, ref NativeDicomResults wanted)
    {
        wanted.Check();
        return Report(encoded, name, ref wanted, Stopwatch.GetTimestamp(), _predictor.CanceledSoFar);
    }

    NativeResult Report(ReadOnlySpan<byte> encoded, string name, ref NativeDicomResults wanted, long start, int begun)
    {
        PredictionOptions options = wanted.Options();
        // What cannot join a study is told before it is scored.
        DicomSource source = DicomSource.Read(encoded, name, Limits);
        using XRayImage image = XRayImage.Decode(encoded, name, Limits);
        image.DecodeTime = Stopwatch.GetElapsedTime(start);
        Prediction prediction = _predictor.Analyze(image, options, begun);
        byte[] report = wanted.WantsReport ? DicomReport.Encode(source, prediction, Hash()) : [];
        byte[] capture = wanted.WantsCapture
            ? DicomSaliency.Encode(source, prediction, Hash(), wanted.IsOverOriginal ? image.Pixels : default, wanted.End) : [];
        wanted.Give(report, capture);
        Tell(prediction.Warnings);
        return NativeResult.From(prediction.Score, prediction.Warnings.Count);
    }
}
