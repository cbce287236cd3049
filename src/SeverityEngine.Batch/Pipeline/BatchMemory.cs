namespace SeverityEngine.Batch.Pipeline;

/// <summary>
/// The memory of a run, whatever the number of workers: files that are read and not yet decoded, and pictures with what decoding them
/// takes. With what the process takes besides (some 110 MiB with the built-in model on two workers) and what <see cref="IO.FilePool"/>
/// keeps, it stays below 512 MiB; an image that needs more by itself is read and decoded alone.
/// </summary>
/// <param name="stop">Ends the waiting for memory.</param>
sealed class BatchMemory(CancellationToken stop)
{
    /// <summary>64 MiB of files, some thirty as X-rays are.</summary>
    public const long FileBytes = 64L << 20;

    /// <summary>192 MiB of pictures, some twenty as X-rays are.</summary>
    public const long PictureBytes = 192L << 20;

    readonly MemoryBudget _files = new(FileBytes), _pictures = new(PictureBytes);

    /// <summary>Waits for memory for an image's file.</summary>
    public void TakeFile(MemoryShare image, long bytes) => _files.Take(image, bytes, stop);

    /// <summary>Gives back what an image's file holds no more.</summary>
    public void KeepFile(MemoryShare image, long bytes) => _files.Give(image, Math.Max(image.Held - bytes, 0));

    /// <summary>Waits for memory for a picture that a worker decodes.</summary>
    public void TakePicture(MemoryShare worker, long bytes) => _pictures.Take(worker, bytes, stop);

    /// <summary>Gives back what a worker's picture held.</summary>
    public void GivePicture(MemoryShare worker, long bytes) => _pictures.Give(worker, bytes);
}
