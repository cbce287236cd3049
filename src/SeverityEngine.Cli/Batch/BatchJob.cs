using System.Diagnostics;
using SeverityEngine.Cli.Inputs;

namespace SeverityEngine.Cli.Batch;

/// <summary>An input on its way through the pipeline.</summary>
sealed class BatchJob(long number, InputItem input) : IDisposable
{
    ImageFile? _file;
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

    public BatchResult Score(IImageScorer scorer) =>
        new(number, _fault is not null ? scorer.Refuse(input.Name, _fault) : scorer.Score(input.Name, _file!, _reading));

    public void Dispose() => _file?.Dispose();
}
