using System.Net.Http.Headers;
using System.Text;
using SeverityEngine.IO;

namespace SeverityEngine.Models.Download;

/// <summary>
/// The part of a file that is here, kept over attempts and runs as <c>NAME.part</c> with the server's mark of its version in
/// <c>NAME.part.version</c>. One process holds it at a time; another downloads on its own.
/// </summary>
sealed class PartialDownload : IDisposable
{
    const int LongestVersion = 4096;

    readonly WeightsFile _file;
    readonly string _path;
    readonly string _part;
    readonly FileStream _stream;
    readonly bool _shared;
    bool _committed;

    PartialDownload(WeightsFile file, string path, string part, FileStream stream, bool shared)
    {
        _file = file;
        _path = path;
        _part = part;
        _stream = stream;
        _shared = shared;
        if (Length > file.Size)
            Restart(null);
    }

    public long Length => _stream.Length;

    /// <summary>
    /// The server's mark of the version that this is a part of, for If-Range; null where it gave none that can be used so.
    /// </summary>
    public RangeConditionHeaderValue? Version
    {
        get
        {
            try
            {
                using FileStream stream = OwnFile.Open(VersionPath, new() { BufferSize = 0 });
                string text = Encoding.ASCII.GetString(WholeFile.Read(stream, VersionPath, FileKind.Any, LongestVersion));
                return RangeConditionHeaderValue.TryParse(text, out RangeConditionHeaderValue? version) ? version : null;
            }
            catch (Exception e) when (FileFaults.IsFault(e) || e is SeverityException)
            {
                // Without it, the server is asked for the rest of whatever version it has, and the hash decides.
                return null;
            }
        }
    }

    string VersionPath => _part + ".version";

    public static PartialDownload Open(WeightsFile file, string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, file.Name);
        try
        {
            FileStream stream = OwnFile.Open(path + ".part", Options(FileMode.OpenOrCreate));
            return new PartialDownload(file, path, path + ".part", stream, shared: true);
        }
        catch (IOException)
        {
            // Another process is at it. The system lets go of its lock when it dies, so this is no leftover.
            string own = $"{path}.{Guid.NewGuid():n}.part";
            return new PartialDownload(file, path, own, new FileStream(own, Options(FileMode.CreateNew)), shared: false);
        }

        static FileStreamOptions Options(FileMode mode) => new()
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = AtomicFile.HeldAlone,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
        };
    }

    /// <summary>Drops what is here; what comes is of a version that the server marks so.</summary>
    public void Restart(HttpResponseMessage? response)
    {
        _stream.SetLength(0);
        // If-Range works with strong marks alone (RFC 9110, 13.1.5).
        string? version = response?.Headers.ETag is { IsWeak: false } tag
            ? tag.ToString()
            : response?.Content.Headers.LastModified?.ToString("r");
        File.Delete(VersionPath);
        if (version is null)
            return;
        using FileStream stream = new(VersionPath, FileMode.CreateNew, FileAccess.Write);
        stream.Write(Encoding.ASCII.GetBytes(version));
    }

    public async ValueTask Append(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        _stream.Position = _stream.Length;
        await _stream.WriteAsync(bytes, cancellation).ConfigureAwait(false);
    }

    /// <summary>Whether all of it is here and is the file; if not, nothing of it is kept.</summary>
    /// <param name="sha256">The hash of what is here.</param>
    public bool Verify(out string sha256)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)_stream.Length);
        _stream.Position = 0;
        _stream.ReadExactly(bytes);
        sha256 = ContentHash.Sha256(bytes);
        if (bytes.Length == _file.Size && sha256 == _file.Sha256)
            return true;
        Restart(null);
        return false;
    }

    /// <summary>Gives the file, which must have been verified, its name.</summary>
    public string Commit()
    {
        Disk.Flush(_stream.SafeFileHandle);
        File.Move(_part, _path, overwrite: true);
        _committed = true;
        File.Delete(VersionPath);
        return _path;
    }

    public void Dispose()
    {
        _stream.Dispose();
        if (_shared || _committed)
            return;
        // Of our own alone; nobody would find it.
        File.Delete(_part);
        File.Delete(VersionPath);
    }
}
