using System.IO.Hashing;
using System.Runtime.InteropServices;
using SeverityEngine.Batch.Inputs.Archives;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Batch.Inputs;

/// <summary>
/// The images in a tar archive, gzipped or not, in the order in which they stand in it: it is read once, from front to back, and to its
/// end. A link is the image that it leads to, which is read again where it stands.
/// </summary>
sealed class TarInputs
{
    // Where each file begins that a link may lead to, by a hash of its name that nobody can foresee: names would take too much memory.
    readonly Dictionary<ulong, long> _files = [];
    readonly long _seed = Random.Shared.NextInt64();
    readonly string _path;

    TarInputs(string path) => _path = path;

    public static IEnumerable<InputItem> Enumerate(string path) => new TarInputs(path).Enumerate();

    IEnumerable<InputItem> Enumerate()
    {
        Stream? content = null;
        FaultyInput? fault = null;
        bool canReopen = false;
        try
        {
            FileStream file = Archive.Open(_path);
            content = file;
            canReopen = file.CanSeek;
            content = Unpacked(file);
        }
        catch (Exception e) when (Archive.IsFault(e))
        {
            fault = Archive.Row(_path, e);
        }
        using (content)
        {
            if (fault is not null)
            {
                yield return fault;
                yield break;
            }
            TarReader reader = new(content!);
            while (true)
            {
                TarMember? member = null;
                try
                {
                    member = reader.Next();
                }
                catch (Exception e) when (Archive.IsFault(e))
                {
                    fault = Archive.Row(_path, e);
                }
                if (fault is not null)
                    yield return fault;
                if (member is null)
                    yield break;
                if (Input(reader, member, canReopen) is { } input)
                    yield return input;
            }
        }
    }

    InputItem? Input(TarReader reader, TarMember member, bool canReopen)
    {
        string name = TrimDot(member.Name);
        string? key = TarPath.Of(member.Name);
        long? at = member.Kind switch
        {
            TarKind.File => member.At,
            TarKind.HardLink => Find(TarPath.Of(member.Target)),
            TarKind.SymbolicLink when key is not null => Find(TarPath.Of(member.Target, key)),
            _ => null,
        };
        if (key is not null && member.Kind != TarKind.Folder)
            Remember(key, at);
        if (member.Kind == TarKind.Continuation)
            return Fault("is the rest of a file that begins in another archive; put the archives together");
        if (!ImageNames.IsImage(Path.TrimEndingDirectorySeparator(name)))
            return null;
        return member switch
        {
            { IsUnknownSparse: true } => Fault("is a sparse file in a form that is not read; unpack the archive"),
            { Kind: TarKind.File } => new MemberInput(_path, name, () => reader.Open()),
            { Kind: TarKind.Folder } => Fault("is a folder that is called as an image"),
            { Kind: TarKind.Special } => Fault("is a pipe or device, not a file"),
            _ when at is null => Fault($"is a link to {member.Target}, which is no file before it in the archive; unpack the archive"),
            _ when !canReopen => Fault($"is a link to {member.Target}, and a pipe cannot be read again; save the archive to a file"),
            _ => new MemberInput(_path, name, () => Reopen(at.Value)),
        };

        FaultyInput Fault(string fault) => new($"{_path}/{name}", SeverityError.FileUnreadable, fault);
    }

    Stream Reopen(long at)
    {
        Stream content = Unpacked(Archive.Open(_path));
        try
        {
            TarReader reader = new(content);
            reader.Skip(at);
            reader.Next();
            return reader.Open(content);
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>The archive's bytes; what is called .tar may be gzipped all the same, as for GNU tar.</summary>
    Stream Unpacked(FileStream file)
    {
        bool isGzipped = Archive.IsGzippedTar(_path);
        if (file.CanSeek)
        {
            Span<byte> first = stackalloc byte[TarHeader.BlockBytes];
            int length = file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
            file.Position = 0;
            bool isTar = new TarHeader(first).HasItsSum();
            isGzipped |= !isTar && first.StartsWith(GzipReader.Magic);
            if (!isTar && !first.StartsWith(GzipReader.Magic) && UnreadArchive.ByContent(first[..length]) is { } kind)
                throw new SeverityException(SeverityError.FileUnreadable, $"{_path}: {kind.Fault}");
        }
        return isGzipped ? new GzipReader(file) : file;
    }

    long? Find(string? key) => key is not null && _files.TryGetValue(Hash(key), out long at) ? at : null;

    void Remember(string key, long? at)
    {
        if (at is { } start)
            _files[Hash(key)] = start;
        else
            _files.Remove(Hash(key));
    }

    ulong Hash(string key) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(key.AsSpan()), _seed);

    static string TrimDot(string name) => name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
}
