using SeverityEngine.Native.Abi;

namespace SeverityEngine.Native.Handles;

/// <summary>
/// Scores a batch of images, several at once. The caller's thread takes images too and never waits for a helper to begin, so a batch is
/// finished even where no other thread can run.
/// </summary>
sealed unsafe class SharedBatch : IThreadPoolWorkItem
{
    readonly NativeEngine _engine;
    readonly byte* _images;
    readonly byte* _results;
    readonly int* _statuses;
    readonly uint _imageSize;
    readonly uint _resultSize;
    readonly int _count;
    readonly int _begun;
    readonly object _gate = new();
    Exception? _error;
    int _errorIndex = int.MaxValue;
    long _taken;
    int _done;

    /// <summary>Takes at least one image; the sizes of the first image and result are those of all.</summary>
    public SharedBatch(NativeEngine engine, NativePixels* images, int count, NativeResult* results, int* statuses)
    {
        _engine = engine;
        _count = count;
        _begun = engine.Cancellations;
        _imageSize = SizedStruct.Size(images);
        _images = (byte*)images;
        _resultSize = SizedStruct.Size(results);
        _results = (byte*)results;
        _statuses = statuses;
    }

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
        NativePixels* image = (NativePixels*)(_images + (nint)index * _imageSize);
        NativeResult* result = (NativeResult*)(_results + (nint)index * _resultSize);
        SeverityError status = SeverityError.None;
        NativeResult score = NativeResult.None;
        try
        {
            if (image->Size != _imageSize)
                throw new SeverityException(
                    SeverityError.InvalidArgument, $"its {NativePixels.Name} says {image->Size} bytes, and the first one {_imageSize}");
            if (_engine.Cancellations != _begun)
                throw new SeverityException(SeverityError.Canceled, "the batch was canceled before its turn came");
            score = _engine.Predict(SizedStruct.Read(image));
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
