using SeverityEngine.Native.Abi;

namespace SeverityEngine.Native.Handles;

/// <summary>
/// Scores a batch of images, several at once. The caller's thread takes images too and never waits for a helper to begin, so a batch is
/// finished even where no other thread can run.
/// </summary>
abstract unsafe class SharedBatch : IThreadPoolWorkItem
{
    readonly NativeEngine _engine;
    readonly byte* _results;
    readonly int* _statuses;
    readonly uint _resultSize;
    readonly int _count;
    readonly int _begun;
    readonly object _gate = new();
    Exception? _error;
    int _errorIndex = int.MaxValue;
    long _taken;
    int _done;

    /// <summary>Takes at least one image; the size of the first result is that of all.</summary>
    protected SharedBatch(NativeEngine engine, int count, NativeResult* results, int* statuses)
    {
        _engine = engine;
        _count = count;
        _begun = engine.Cancellations;
        _resultSize = SizedStruct.Size(results);
        _results = (byte*)results;
        _statuses = statuses;
    }

    protected NativeEngine Engine => _engine;

    /// <summary>Scores one of the images.</summary>
    protected abstract NativeResult Predict(int index);

    /// <summary>Scores all.</summary>
    /// <returns>The fault of the first image that has one, and its index; null if none has.</returns>
    public (Exception? Error, int Index) Run()
    {
        for (int helpers = Math.Min(_engine.Concurrency, _count) - 1; helpers > 0; helpers--)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        Work();
        lock (_gate)
        {
            while (_done < _count)
                Monitor.Wait(_gate);
        }
        // Helpers that start late find nothing left to take and touch nothing of the caller's.
        return (_error, _errorIndex);
    }

    void IThreadPoolWorkItem.Execute() => Work();

    void Work()
    {
        long index;
        while ((index = Interlocked.Increment(ref _taken) - 1) < _count)
        {
            Score((int)index);
            lock (_gate)
            {
                if (++_done == _count)
                    Monitor.PulseAll(_gate);
            }
        }
    }

    void Score(int index)
    {
        NativeResult* result = (NativeResult*)(_results + (nint)index * _resultSize);
        SeverityError status = SeverityError.None;
        NativeResult score = NativeResult.None;
        try
        {
            if (_engine.Cancellations != _begun)
                throw new SeverityException(SeverityError.Canceled, "the batch was canceled before its turn came");
            score = Predict(index);
        }
        catch (Exception e)
        {
            status = ErrorText.CodeOf(e);
            lock (_gate)
            {
                if (index < _errorIndex)
                    (_error, _errorIndex) = (e, index);
            }
        }
        // The elements of an array lie one size apart, whatever the later ones say.
        result->Size = _resultSize;
        SizedStruct.Write(result, score);
        if (_statuses is not null)
            _statuses[index] = (int)status;
    }
}

/// <summary>A batch of raw pixels.</summary>
sealed unsafe class PixelBatch : SharedBatch
{
    readonly byte* _images;
    readonly uint _imageSize;

    /// <summary>Takes at least one image; the sizes of the first image and result are those of all.</summary>
    public PixelBatch(NativeEngine engine, NativePixels* images, int count, NativeResult* results, int* statuses)
        : base(engine, count, results, statuses)
    {
        _imageSize = SizedStruct.Size(images);
        _images = (byte*)images;
    }

    protected override NativeResult Predict(int index)
    {
        NativePixels* image = (NativePixels*)(_images + (nint)index * _imageSize);
        if (image->Size != _imageSize)
        {
            throw new SeverityException(
                SeverityError.InvalidArgument, $"its {NativePixels.Name} says {image->Size} bytes, and the first one {_imageSize}");
        }
        return Engine.Predict(SizedStruct.Read(image));
    }
}

/// <summary>A batch of files.</summary>
sealed unsafe class FileBatch : SharedBatch
{
    readonly byte** _paths;
    readonly IReadOnlyList<string>?[] _warnings;

    /// <summary>Takes at least one path; the size of the first result is that of all.</summary>
    public FileBatch(NativeEngine engine, byte** paths, int count, NativeResult* results, int* statuses)
        : base(engine, count, results, statuses)
    {
        if (paths is null)
            throw new SeverityException(SeverityError.InvalidArgument, "the array of paths is NULL");
        _paths = paths;
        _warnings = new IReadOnlyList<string>?[count];
    }

    /// <summary>What is odd about the images that were scored, in the order of their paths.</summary>
    public IReadOnlyList<string> Warnings => [.. _warnings.Where(w => w is not null).SelectMany(w => w!)];

    protected override NativeResult Predict(int index) =>
        Engine.Predict(Utf8.Read(_paths[index], "image's path"), out _warnings[index]!);
}
