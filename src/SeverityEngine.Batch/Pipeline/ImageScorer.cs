using System.Diagnostics;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Batch.Pipeline;

/// <summary>Decodes and scores images, one thread an image.</summary>
/// <param name="making">The predictor, which is made while the first images are decoded.</param>
/// <param name="extras">What is wanted beyond the two scores.</param>
/// <param name="hashes">Whether rows carry the hash of the file's content.</param>
/// <param name="resume">The rows that are there already and are not to be made again; null for none.</param>
sealed class ImageScorer(Task<SeverityPredictor> making, Extras extras, bool hashes, IKnownRows? resume) : IImageScorer
{
    public bool IsReady => making.IsCompleted;

    public DecodedImage Decode(string name, ImageFile file, TimeSpan reading)
    {
        ScoreRow row = new(name);
        if (hashes || resume is not null || extras.Dicom is not null)
            row = row with { Sha256 = ContentHash.Sha256(file.Bytes) };
        if (resume is not null && resume.TryTake(name, row.Sha256!, out SeverityError written))
            return new DecodedImage(row with { AlreadyWritten = true, Error = Repeat(name, written) }, null);
        try
        {
            long start = Stopwatch.GetTimestamp();
            XRayImage image = file.Decode();
            image.DecodeTime = reading + Stopwatch.GetElapsedTime(start);
            return new DecodedImage(row, image) { Origin = extras.Dicom is null ? null : DicomFiles.Read(file, row.Sha256!) };
        }
        catch (Exception e) when (e is not OperationCanceledException && AsRowError(name, e) is { } error)
        {
            resume?.Renew(name);
            return new DecodedImage(row with { Error = error }, null);
        }
    }

    public ScoreRow Score(DecodedImage decoded)
    {
        ScoreRow row = decoded.Row;
        if (decoded.Image is not { } image)
            return row;
        try
        {
            row = extras.Predict(making.GetAwaiter().GetResult(), image, row, decoded.Origin);
        }
        catch (SeverityException e) when (e.Code == SeverityError.Canceled)
        {
            // As if it had never been begun: a row would keep --resume from it.
            throw new OperationCanceledException(e.Message, e);
        }
        catch (Exception e) when (!making.IsFaulted && AsRowError(row.Name, e) is { } error)
        {
            row = row with { Error = error };
        }
        resume?.Renew(row.Name);
        return row;
    }

    public ScoreRow Refuse(string name, SeverityException fault)
    {
        ScoreRow row = new(name) { Error = fault };
        if (resume is null)
            return row;
        if (resume.TryTakeUnread(name, fault.Code))
            return row with { AlreadyWritten = true };
        resume.Renew(name);
        return row;
    }

    /// <summary>Even a fault of ours costs one image, not the thousands behind it.</summary>
    static SeverityException? AsRowError(string name, Exception e) => e switch
    {
        SeverityException known => known,
        OutOfMemoryException => new(SeverityError.OutOfMemory, $"{name}: needs more memory than there is; use fewer --threads", e),
        _ => new(SeverityError.Internal,
            $"{name}: a fault of the engine, please report it with the image: {e.GetType().Name}: {e.Message}", e),
    };

    static SeverityException? Repeat(string name, SeverityError written) =>
        written == SeverityError.None ? null : new(written, $"{name}: {written.Name()}, as the output already says");
}
