using System.Collections.Concurrent;
using SeverityEngine.Batch.Inputs;

namespace SeverityEngine.Batch.Listen;

/// <summary>
/// The names of received images that have no rows yet, in order of arrival. The images themselves lie on the disk: what this holds is lost
/// with the process, and found again in the folder.
/// </summary>
/// <param name="most">How many may wait before the listener refuses more.</param>
/// <param name="open">Gives the input of a name.</param>
sealed class ReceivedQueue(int most, Func<string, InputItem> open) : IDisposable
{
    /// <summary>How often what is to be tried again is looked at.</summary>
    static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    readonly BlockingCollection<string> _names = [];
    readonly ConcurrentQueue<(long Due, string Name)> _later = [];
    int _waiting;

    /// <summary>Images without rows: those that wait, and those that are being scored.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public bool IsFull => Waiting >= most;

    /// <summary>Adds an image.</summary>
    public void Add(string name)
    {
        Interlocked.Increment(ref _waiting);
        _names.Add(name);
    }

    /// <summary>Has an image that was given out given out again, some time later.</summary>
    public void AddLater(string name, TimeSpan later) =>
        _later.Enqueue((Environment.TickCount64 + (long)later.TotalMilliseconds, name));

    /// <summary>Notes that an image has its row, or gets none.</summary>
    public void Done() => Interlocked.Decrement(ref _waiting);

    /// <summary>Gives the images out as they come, without an end.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IEnumerable<InputItem> Take(CancellationToken stop)
    {
        while (true)
        {
            if (_later.TryPeek(out (long Due, string Name) later) && later.Due <= Environment.TickCount64 && _later.TryDequeue(out later))
                yield return open(later.Name);
            else if (_names.TryTake(out string? name, (int)s_look.TotalMilliseconds, stop))
                yield return open(name);
        }
    }

    public void Dispose() => _names.Dispose();
}
