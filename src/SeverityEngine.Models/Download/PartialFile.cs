using SeverityEngine.Models.Store;

namespace SeverityEngine.Models.Download;

/// <summary>
/// A file in the making, under a name that nothing looks for; it gets its own name in one step when all of it is on the disk. Who dies before
/// leaves only what <see cref="RemoveLeftovers"/> takes away.
/// </summary>
sealed class PartialFile : IDisposable
{
    const string Extension = ".partial";

    readonly string _partial;
    readonly string _path;
    readonly FileStream _stream;
    bool _done;

    PartialFile(string path, string partial, FileStream stream)
    {
        _path = path;
        _partial = partial;
        _stream = stream;
    }

    /// <summary>Makes an empty one. Ask for it under the <see cref="StoreLock"/>, as for <see cref="RemoveLeftovers"/>.</summary>
    public static PartialFile Create(string path)
    {
        string partial = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Guid.NewGuid():n}{Extension}");
        return new PartialFile(path, partial, new FileStream(partial, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0));
    }

    /// <summary>Writes all of the file's bytes and waits until the disk has them.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _stream.Flush(flushToDisk: true);
    }

    /// <summary>Gives the file its name, in the place of an older one.</summary>
    public void Commit()
    {
        // Still open, so that RemoveLeftovers cannot take it away just before.
        File.Move(_partial, _path, overwrite: true);
        _done = true;
    }

    public void Dispose()
    {
        _stream.Dispose();
        if (!_done)
            File.Delete(_partial);
    }

    /// <summary>
    /// Removes what writers who died have left in a folder. Files that are being written are locked by their writers; that none is made but not
    /// yet locked, the <see cref="StoreLock"/> is for.
    /// </summary>
    public static void RemoveLeftovers(string folder)
    {
        foreach (string leftover in Directory.EnumerateFiles(folder, ".*" + Extension))
        {
            try
            {
                using (new FileStream(leftover, FileMode.Open, FileAccess.Read, FileShare.None))
                    File.Delete(leftover);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Locked, or another user's: not a leftover of ours.
            }
        }
    }
}
