using System.Diagnostics;
using SeverityEngine.Inference;

namespace SeverityEngine;

public sealed partial class SeverityPredictor
{
    // The slot of the last batch, for the next one of its size; whoever takes it owns it until it is put back.
    InferenceSlot? _batchSlot;

    /// <summary>
    /// Scores several images in one run of the network. It gains where one image does not fill the threads of a run; on CPUs many
    /// callers with one image each are usually faster ('severity bench --batch' measures it).
    /// </summary>
    /// <param name="images">The images.</param>
    /// <param name="scores">Takes a score an image; its inference time is an equal share of the run's.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/> for too little room,
    /// <see cref="SeverityError.ModelUnsupported"/> for a model that takes one image at a time, <see cref="SeverityError.Disposed"/>,
    /// <see cref="SeverityError.InferenceFailed"/>.</exception>
    public void Predict(IReadOnlyList<XRayImage> images, Span<SeverityScore> scores)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (scores.Length < images.Count)
            throw new SeverityException(
                SeverityError.InvalidArgument, $"{images.Count} images need as many places for scores, but there are {scores.Length}");
        if (images.Count == 0)
            return;
        if (images.Count > 1 && !_model.TakesBatches)
        {
            throw new SeverityException(SeverityError.ModelUnsupported,
                $"{_model.Source}: the model takes one image at a time; "
                    + $"score them singly, or give it an input of [N, 1, {_model.InputSize}, {_model.InputSize}]");
        }
        long bytes = (long)images.Count * _model.InputSize * _model.InputSize * sizeof(float);
        if (bytes > int.MaxValue)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{_model.Source}: the input of {images.Count} images together would take {bytes} bytes, and the most is {int.MaxValue}; "
                    + "score fewer at a time");
        }
        // A single image's slot stands for this caller: it bounds how many run at once, and holds up Dispose.
        InferenceSlot admission = _slots.Rent(_cancellations.Now);
        try
        {
            PredictBatch(admission, images, scores);
        }
        finally
        {
            _slots.Return(admission);
        }
    }

    void PredictBatch(InferenceSlot admission, IReadOnlyList<XRayImage> images, Span<SeverityScore> scores)
    {
        InferenceSlot? slot = Interlocked.Exchange(ref _batchSlot, null);
        if (slot?.Images != images.Count)
        {
            slot?.Dispose();
            slot = new InferenceSlot(_model, images.Count);
        }
        try
        {
            Span<long> preprocessed = images.Count <= 64 ? stackalloc long[images.Count] : new long[images.Count];
            for (int i = 0; i < images.Count; i++)
            {
                long began = Stopwatch.GetTimestamp();
                slot.Preprocess(images[i].Pixels, i);
                preprocessed[i] = Stopwatch.GetTimestamp() - began;
            }
            long start = Stopwatch.GetTimestamp();
            slot.RunUnder(admission);
            TimeSpan share = Stopwatch.GetElapsedTime(start) / images.Count;
            for (int i = 0; i < images.Count; i++)
            {
                SeverityScore score =
                    ScoreOf(slot, new PredictionTimings(TimeSpan.Zero, Stopwatch.GetElapsedTime(0, preprocessed[i]), share), i);
                DomainResult domain = slot.CheckDomain(images[i].Width, images[i].Height, i);
                scores[i] = Judged(score, admission.Confirm(domain, slot.InputOf(i)), images[i].Name);
            }
        }
        finally
        {
            Interlocked.Exchange(ref _batchSlot, slot)?.Dispose();
        }
    }

    /// <summary>Called when no batch runs any more.</summary>
    void DisposeBatch() => Interlocked.Exchange(ref _batchSlot, null)?.Dispose();
}
