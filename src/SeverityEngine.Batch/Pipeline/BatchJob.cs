using System.Diagnostics;
using SeverityEngine.Batch.Inputs;

namespace SeverityEngine.Batch.Pipeline;

/// <summary>An input on its way through the pipeline.</summary>
sealed class BatchJob(long number, InputItem input, ImageLimits limits, BatchMemory memory) : IMemoryGate, IDisposable
{
    readonly MemoryShare _fileShare = new();
    ImageFile? _file;
    DecodedImage? _decoded;
    SeverityException? _fault;
    TimeSpan _reading;
    MemoryShare? _worker;
    long _pictureBytes;

    /// <summary>Its place among the inputs, from 0.</summary>
    public long Number => number;

    public InputItem Input => input;

    bool IsRead => _file is not null || _fault is not null;

    /// <summary>Reads the file, or notes why it cannot be read; once.</summary>
    public void Read()
    {
        if (IsRead)
            return;
        long start = Stopwatch.GetTimestamp();
        try
        {
            _file = input.Read(limits with { Gate = this });
            memory.KeepFile(_fileShare, _file.Bytes.Length);
        }
        catch (SeverityException e)
        {
            ReleaseFile();
            _fault = e;
        }
        catch (OutOfMemoryException e)
        {
            ReleaseFile();
            _fault = new SeverityException(SeverityError.OutOfMemory, $"{input.Name}: needs more memory than there is", e);
        }
        _reading = Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Memory that the decoded pixels hold.</summary>
    public long Bytes => _decoded?.Bytes ?? 0;

    /// <summary>Decodes what was read, and lets go of the file.</summary>
    /// <param name="scorer">Who decodes it.</param>
    /// <param name="worker">The worker's share of the memory for pictures, which holds this one until the job is disposed.</param>
    public void Decode(IImageScorer scorer, MemoryShare worker)
    {
        if (_file is null)
            return;
        _worker = worker;
        _decoded = scorer.Decode(input.Name, _file, _reading);
        ReleaseFile();
        // What decoding took besides the pixels is free again.
        KeepPicture(Math.Min(Bytes, _pictureBytes));
    }

    void IMemoryGate.TakeFile(long bytes) => memory.TakeFile(_fileShare, bytes);

    void IMemoryGate.TakePicture(long bytes)
    {
        memory.TakePicture(_worker!, bytes);
        _pictureBytes += bytes;
    }

    public BatchResult Score(IImageScorer scorer) =>
        new(number, _decoded is { } decoded ? scorer.Score(decoded) : scorer.Refuse(input.Name, _fault!));

    public void Dispose()
    {
        ReleaseFile();
        _decoded?.Dispose();
        KeepPicture(0);
    }

    void ReleaseFile()
    {
        _file?.Dispose();
        memory.KeepFile(_fileShare, 0);
    }

    void KeepPicture(long bytes)
    {
        if (_worker is not null)
            memory.GivePicture(_worker, _pictureBytes - bytes);
        _pictureBytes = bytes;
    }
}
