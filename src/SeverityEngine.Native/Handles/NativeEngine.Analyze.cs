using System.Buffers;
using System.Diagnostics;
using SeverityEngine.Native.Abi;
using SeverityEngine.Saliency;

namespace SeverityEngine.Native.Handles;

sealed unsafe partial class NativeEngine
{
    /// <summary>Reads, decodes and scores a file, and fills what is wanted.</summary>
    public NativeResult Analyze(string path, in NativeOutputs wanted)
    {
        wanted.Check(_predictor.Model);
        long start = Stopwatch.GetTimestamp();
        int begun = _predictor.CanceledSoFar;
        using ImageFile file = ImageFile.Open(path, Limits);
        return Analyze(file.Bytes, file.Name, wanted, start, begun);
    }

    /// <summary>Decodes and scores a file that is in memory, and fills what is wanted.</summary>
    public NativeResult Analyze(ReadOnlySpan<byte> encoded, string name, in NativeOutputs wanted)
    {
        wanted.Check(_predictor.Model);
        return Analyze(encoded, name, wanted, Stopwatch.GetTimestamp(), _predictor.CanceledSoFar);
    }

    /// <summary>
    /// Scores raw pixels, and fills what is wanted; without a picture this allocates nothing after a thread's first call.
    /// </summary>
    public NativeResult Analyze(in NativePixels pixels, in NativeOutputs wanted)
    {
        int begun = _predictor.CanceledSoFar;
        wanted.Check(_predictor.Model);
        if (wanted.WantsHash)
            throw new SeverityException(SeverityError.InvalidArgument, "a SHA-256 of raw pixels: it is that of a file; leave sha256 NULL");
        return NativeResult.From(Analyze(pixels.View(Limits), TimeSpan.Zero, null, wanted, begun), 0);
    }

    NativeResult Analyze(ReadOnlySpan<byte> encoded, string name, in NativeOutputs wanted, long start, int begun)
    {
        using XRayImage image = XRayImage.Decode(encoded, name, Limits);
        TimeSpan decode = Stopwatch.GetElapsedTime(start);
        if (wanted.WantsHash)
            wanted.WriteHash(encoded);
        SeverityScore score = Analyze(image.Pixels, decode, name, wanted, begun);
        List<string> warnings = [.. image.Warnings];
        if (score.Domain.Warning is { } warning)
            warnings.Add($"{name}: {warning}");
        Tell(warnings);
        return NativeResult.From(score, warnings.Count);
    }

    SeverityScore Analyze(in XRayPixels pixels, TimeSpan decode, string? name, in NativeOutputs wanted, int begun)
    {
        wanted.CheckPicture(pixels.Width, pixels.Height);
        ModelInfo model = _predictor.Model;
        int side = model.InputSize, labels = model.Labels.Count;
        // What is computed from others needs room for them, where the caller has none.
        bool draws = wanted.PictureAt is not null;
        int ownLogits = wanted.FindingsAt is not null && wanted.LogitsAt is null ? labels : 0;
        int ownMap = draws && wanted.MapAt is null ? side * side : 0;
        int ownInput = draws && !wanted.IsOverOriginal && wanted.InputAt is null ? side * side : 0;
        float[] rented = ArrayPool<float>.Shared.Rent(ownLogits + ownMap + ownInput);
        try
        {
            Span<float> logits = ownLogits > 0 ? rented.AsSpan(0, ownLogits) : wanted.Logits;
            Span<float> map = ownMap > 0 ? rented.AsSpan(ownLogits, ownMap) : wanted.Map;
            Span<float> input = ownInput > 0 ? rented.AsSpan(ownLogits + ownMap, ownInput) : wanted.Input;
            SeverityScore score = _predictor.Analyze(pixels, decode,
                new SeverityPredictor.Outputs
                {
                    Name = name,
                    Logits = logits,
                    Features = wanted.Features,
                    Saliency = wanted.WantsMap ? NativeMaps.Options(wanted.Target, wanted.Method) : null,
                    Map = map,
                    Input = input,
                },
                begun);
            if (wanted.FindingsAt is not null)
                model.Calibrate(logits, wanted.Findings);
            if (draws && wanted.IsOverOriginal)
                SaliencyPicture.Draw(map, side, pixels, wanted.Colors(map), wanted.Picture);
            else if (draws)
                SaliencyPicture.Draw(map, input, wanted.Colors(map), wanted.Picture);
            return score;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }
}
