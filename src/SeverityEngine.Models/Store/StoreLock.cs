using System.Diagnostics;
using SeverityEngine.IO;

namespace SeverityEngine.Models.Store;

/// <summary>
/// Held while files of the store are made, renamed or cleared away, never while they are written. The system lets go of the lock when its
/// holder dies, and who waits too long goes ahead: the worst that a missing lock can do is an installation that fails, or a record that
/// does not fit its model, which verification names.
/// </summary>
sealed class StoreLock : IDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    readonly FileStream? _file;

    StoreLock(FileStream? file) => _file = file;

    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.FileUnwritable"/>: in the lock's place stands what is no file.
    /// </exception>
    public static StoreLock Take(string folder)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return new StoreLock(OwnFile.Open(Path.Combine(folder, ".lock"),
                    new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None }));
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(start) < s_patience)
            {
                Thread.Sleep(s_pause);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return new StoreLock(null);
            }
        }
    }

    public void Dispose() => _file?.Dispose();
}
