using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Batch.Pipeline;

/// <summary>
/// Inputs in, rows out: one thread lists the inputs, readers read files ahead, workers decode and score one image each, and the caller's
/// thread writes. Every queue is bounded, and a window bounds how far the first runs ahead of the last, so memory does not grow with
/// the number of inputs.
/// </summary>
#pragma warning disable CA1001 // Threads that hang in a pipe or a dead network drive may still hold them; they are memory alone.
sealed class BatchPipeline
#pragma warning restore CA1001
{
    const int ModelPollMilliseconds = 2;

    readonly IImageScorer _scorer;
    readonly BatchOptions _options;
    readonly CancellationTokenSource _ended;
    readonly CancellationToken _stop;
    readonly BatchMemory _memory;
    readonly SemaphoreSlim _window;
    readonly BlockingCollection<BatchJob> _listed;
    readonly BlockingCollection<BatchJob> _read;
    readonly BlockingCollection<BatchResult> _scored;
    ExceptionDispatchInfo? _fault;
    int _readersLeft;
    int _workersLeft;

    /// <summary>Makes a pipeline for one run.</summary>
    /// <param name="scorer">What workers do.</param>
    /// <param name="options">How many there are.</param>
    /// <param name="stop">
    /// Ends the run early: images in workers' hands are finished and written, unless the scorer gives them up by an
    /// <see cref="OperationCanceledException"/>; no others are begun; those that wait for the model are dropped.
    /// </param>
    public BatchPipeline(IImageScorer scorer, BatchOptions options, CancellationToken stop = default)
    {
        _scorer = scorer;
        _options = options;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _stop = _ended.Token;
        _memory = new BatchMemory(_stop);
        _window = new SemaphoreSlim(options.Window);
        _listed = new BlockingCollection<BatchJob>(options.Window);
        _read = new BlockingCollection<BatchJob>(options.ReadAhead);
        _scored = new BlockingCollection<BatchResult>(options.Window);
        _readersLeft = options.Readers;
        _workersLeft = options.Workers;
    }

    /// <summary>Scores everything; returns when the last row has been written, or those in hand after a stop.</summary>
    /// <param name="inputs">The inputs, asked for as there is room.</param>
    /// <param name="write">Takes each row, on the caller's thread.</param>
    public void Run(IEnumerable<InputItem> inputs, Action<ScoreRow> write)
    {
        Start("list", () => List(inputs));
        for (int i = 0; i < _options.Readers; i++)
            Start("read", Read);
        Thread[] workers = [.. Enumerable.Range(0, _options.Workers).Select(_ => Start("score", Work))];
        try
        {
            Write(write);
        }
        catch (Exception e)
        {
            Fail(e);
        }
        // Those that list and read may hang in a pipe or a dead network drive; they hold nothing that has to be finished.
        foreach (Thread worker in workers)
            worker.Join();
        _fault?.Throw();
    }

    Thread Start(string name, Action body)
    {
        Thread thread = new(() => RunGuarded(body)) { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }

    void RunGuarded(Action body)
    {
        try
        {
            body();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The run was stopped.
        }
#pragma warning disable CA1031 // It is thrown again, on the caller's thread.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(e);
        }
    }

    /// <summary>Ends the run with the first fault.</summary>
    void Fail(Exception e)
    {
        Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(e), null);
        _ended.Cancel();
    }

    void List(IEnumerable<InputItem> inputs)
    {
        long number = 0;
        try
        {
            foreach (InputItem input in inputs)
            {
                _window.Wait(_stop);
                BatchJob job = new(number++, input, _options.Limits, _memory);
                if (input.ReadAtOnce)
                    job.Read();
                _listed.Add(job, _stop);
            }
        }
        finally
        {
            _listed.CompleteAdding();
        }
    }

    void Read()
    {
        try
        {
            foreach (BatchJob job in _listed.GetConsumingEnumerable(_stop))
            {
                job.Read();
                _read.Add(job, _stop);
            }
        }
        finally
        {
            if (Interlocked.Decrement(ref _readersLeft) == 0)
                _read.CompleteAdding();
        }
    }

    void Work()
    {
        // Until there is a model to score with, a worker decodes, as far as its memory goes.
        Queue<BatchJob> decoded = new();
        MemoryShare share = new();
        try
        {
            while (true)
            {
                if (_read.TryTake(out BatchJob? job, decoded.Count == 0 ? Timeout.Infinite : ModelPollMilliseconds, _stop))
                {
                    decoded.Enqueue(job);
                    job.Decode(_scorer, share);
                }
                else if (decoded.Count == 0)
                {
                    break;
                }
                // What is decoded waits for the model, and for no other image.
                bool waits = !_scorer.IsReady && !_read.IsCompleted && decoded.Sum(d => d.Bytes) < _options.DecodeAhead;
                if (!waits)
                    Score(decoded);
            }
        }
        finally
        {
            foreach (BatchJob job in decoded)
                job.Dispose();
            if (Interlocked.Decrement(ref _workersLeft) == 0)
                _scored.CompleteAdding();
        }
    }

    void Score(Queue<BatchJob> decoded)
    {
        while (decoded.TryDequeue(out BatchJob? job))
        {
            // What is finished is handed over, stopped or not; the window leaves room for it.
            using (job)
                _scored.Add(job.Score(_scorer), CancellationToken.None);
        }
    }

    void Write(Action<ScoreRow> write)
    {
        // Rows that wait for one before them; the window bounds them, so each has its own place.
        ScoreRow?[] waiting = new ScoreRow?[_options.Window];
        long next = 0;
        foreach (BatchResult result in _scored.GetConsumingEnumerable())
        {
            if (!_options.Ordered)
            {
                write(result.Row);
                _window.Release();
                continue;
            }
            waiting[result.Number % waiting.Length] = result.Row;
            while (waiting[next % waiting.Length] is { } row)
            {
                waiting[next++ % waiting.Length] = null;
                write(row);
                _window.Release();
            }
        }
        // After a stop an image may be missing between others that were finished.
        for (long end = next + waiting.Length; next < end; next++)
        {
            if (waiting[next % waiting.Length] is { } row)
                write(row);
        }
    }
}
