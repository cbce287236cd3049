namespace SeverityEngine.Models.Checkpoints;

/// <summary>
/// What is refused in a weights file, checked against the bytes that are present before memory is taken. The defaults hold every published
/// chest X-ray network many times over.
/// </summary>
public sealed record PickleLimits
{
    const int HighestNesting = 1024;

    /// <summary>The limits where none are given.</summary>
    public static PickleLimits Default { get; } = new();

    /// <summary>The largest file, in bytes: as much as one array holds, just under 2 GiB.</summary>
    public long MaxFileBytes { get; init; } = Array.MaxLength;

    /// <summary>The most values, and the most marks, on the pickle's stack: 1,048,576.</summary>
    public int MaxStackDepth { get; init; } = 1 << 20;

    /// <summary>The most values a pickle may remember: 4,194,304.</summary>
    public int MaxMemoEntries { get; init; } = 1 << 22;

    /// <summary>The longest text (a name, a class's source), in bytes: 16 MiB.</summary>
    public int MaxStringBytes { get; init; } = 16 << 20;

    /// <summary>The longest byte string (an array's data), in bytes: 1 GiB.</summary>
    public int MaxBytesLength { get; init; } = 1 << 30;

    /// <summary>The most values built, and the most modules and parameters visited: 4,194,304.</summary>
    public int MaxObjects { get; init; } = 1 << 22;

    /// <summary>How deep containers and modules may nest: 256. It can be raised to 1,024, which a thread's stack is sure to hold.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>.</exception>
    public int MaxNesting
    {
        get;
        init => field = value is > 0 and <= HighestNesting
            ? value
            : throw new SeverityException(
            SeverityError.InvalidArgument, $"the most nesting is {value}; it has to be from 1 to {HighestNesting}");
    } = 256;

    /// <summary>The most memory taken for everything that is read, in bytes, the file's own bytes aside: 1 GiB.</summary>
    public long MaxMemoryBytes { get; init; } = 1L << 30;
}
