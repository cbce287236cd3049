namespace SeverityEngine.Imaging.Tests;

/// <summary>Counts the memory that decoding asks for, and fails where it is more than a bound.</summary>
sealed class BoundedMemory(long most) : IMemoryGate
{
    /// <summary>What has been asked for, in all.</summary>
    public long Taken { get; private set; }

    public void TakeFile(long bytes) => throw new InvalidOperationException();

    public void TakePicture(long bytes)
    {
        Taken += bytes;
        Assert.True(bytes >= 0 && Taken <= most, $"{bytes} more bytes make {Taken}, and {most} are the most");
    }
}
