using System.Diagnostics;
using SeverityEngine.Batch.Inputs;

namespace SeverityEngine.Batch.Pipeline;

/// <summary>An input on its way through the pipeline.</summary>
sealed class BatchJob(long number, InputItem input) : IDisposable
{
    ImageFile? _file;
    DecodedImage? _decoded;
    SeverityException? _fault;
    TimeSpan _reading;

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
            _file = input.Read();
        }
        catch (SeverityException e)
        {
            _fault = e;
        }
        catch (OutOfMemoryException e)
        {
            _fault = new SeverityException(SeverityError.OutOfMemory, $"{input.Name}: needs more memory than there is", e);
        }
        _reading = Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Memory that the decoded pixels hold.</summary>
    public long Bytes => _decoded?.Bytes ?? 0;

    /// <summary>Decodes what was read, and lets go of the file.</summary>
    public void Decode(IImageScorer scorer)
    {
        if (_file is null)
            return;
        _decoded = scorer.Decode(input.Name, _file, _reading);
        _file.Dispose();
    }

    public BatchResult Score(IImageScorer scorer) =>
        new(number, _decoded is { } decoded ? scorer.Score(decoded) : scorer.Refuse(input.Name, _fault!));

    public void Dispose()
    {
        _file?.Dispose();
        _decoded?.Dispose();
    }
}
