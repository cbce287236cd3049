using System.Collections.Concurrent;
using System.Diagnostics;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Server.Monitoring;

namespace SeverityEngine.Server.Scoring;

/// <summary>
/// The threads that decode and score, an image each, in the order in which the images came. They are the server's own, so that the threads
/// which serve connections are always free.
/// </summary>
sealed class ScoringWorkers : IDisposable
{
    readonly BlockingCollection<ScoringJob> _jobs = [];
    readonly Thread[] _threads;
    readonly ImageLimits _limits;
    readonly BatchMemory _memory;
    readonly ServerMetrics _metrics;

    /// <param name="count">How many there are.</param>
    /// <param name="limits">Which images are refused.</param>
    /// <param name="metrics">Hears what becomes of each.</param>
    /// <param name="abandon">Canceled when the images in work shall be finished no more.</param>
    public ScoringWorkers(int count, ImageLimits limits, ServerMetrics metrics, CancellationToken abandon)
    {
        (_limits, _metrics, _memory) = (limits, metrics, new BatchMemory(abandon));
        _threads = [.. Enumerable.Range(0, count).Select(_ => new Thread(Work) { IsBackground = true, Name = "score" })];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    /// <summary>How many there are.</summary>
    public int Count => _threads.Length;

    /// <summary>Images that no worker has begun.</summary>
    public int Waiting => _jobs.Count;

    /// <summary>Has an image scored.</summary>
    /// <param name="image">The image, which is this call's from here on.</param>
    /// <param name="scorer">How.</param>
    /// <param name="gone">Canceled when nobody waits for it any more.</param>
    /// <returns>Its row.</returns>
    public Task<ScoreRow> Score(InputItem image, IImageScorer scorer, CancellationToken gone)
    {
        ScoringJob job = new(image, scorer, gone);
        _jobs.Add(job, CancellationToken.None);
        return job.Row;
    }

    /// <summary>Ends them, after the images that they have.</summary>
    public void Dispose()
    {
        _jobs.CompleteAdding();
        foreach (Thread thread in _threads)
            thread.Join();
        _jobs.Dispose();
    }

    void Work()
    {
        MemoryShare share = new();
        foreach (ScoringJob job in _jobs.GetConsumingEnumerable())
            job.Run(_limits, _memory, share, _metrics);
    }

    /// <summary>An image on its way to its row.</summary>
    sealed class ScoringJob(InputItem image, IImageScorer scorer, CancellationToken gone)
    {
        readonly long _queued = Stopwatch.GetTimestamp();
        readonly TaskCompletionSource<ScoreRow> _row = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<ScoreRow> Row => _row.Task;

        public void Run(ImageLimits limits, BatchMemory memory, MemoryShare share, ServerMetrics metrics)
        {
            try
            {
                if (gone.IsCancellationRequested)
                {
                    _row.TrySetCanceled(gone);
                    return;
                }
                metrics.Add(Stage.Wait, Stopwatch.GetElapsedTime(_queued));
                using BatchJob job = new(number: 0, image, limits, memory);
                job.Read();
                job.Decode(scorer, share);
                ScoreRow row = job.Score(scorer).Row;
                metrics.Add(row);
                _row.TrySetResult(row);
            }
            catch (OperationCanceledException e)
            {
                _row.TrySetCanceled(e.CancellationToken);
            }
#pragma warning disable CA1031 // It is thrown again, where the request is answered.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _row.TrySetException(e);
            }
            finally
            {
                (image as IDisposable)?.Dispose();
            }
        }
    }
}
