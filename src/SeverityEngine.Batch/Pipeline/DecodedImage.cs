using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Batch.Pipeline;

/// <summary>An image between the two steps of its scoring.</summary>
/// <param name="Row">Its row so far; its last where there is no image.</param>
/// <param name="Image">The pixels; null for one that cannot be decoded or is not to be scored.</param>
readonly record struct DecodedImage(ScoreRow Row, XRayImage? Image) : IDisposable
{
    /// <summary>What its DICOM results take from its file; null where none are wanted.</summary>
    public DicomOrigin? Origin { get; init; }

    /// <summary>Memory that the pixels hold.</summary>
    public long Bytes => Image is null ? 0 : (long)Image.Width * Image.Height * (Image.BitsPerSample / 8);

    public void Dispose() => Image?.Dispose();
}
