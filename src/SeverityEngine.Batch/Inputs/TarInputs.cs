using System.IO.Hashing;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using SeverityEngine.Batch.Inputs.Archives;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>
/// The images in a tar archive, gzipped or not, in the order in which they stand in it: it is read once, from front to back, and to its
/// end. A link is the image that it leads to, which is read again where it stands.
/// </summary>
sealed class TarInputs
{
    // Where each file begins that a link may lead to, by a hash of its name that nobody can foresee: names would take too much memory.
    readonly Dictionary<ulong, Place> _files = [];
    readonly long _seed = Random.Shared.NextInt64();
    readonly string _path;
    readonly LeftOut _leftOut;

    TarInputs(string path, LeftOut leftOut)
    {
        _path = path;
        _leftOut = leftOut;
    }

    public static IEnumerable<InputItem> Enumerate(string path, LeftOut leftOut) => new TarInputs(path, leftOut).Enumerate();

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
        string name = TrimDot(member.Name), full = $"{_path}/{name}";
        string? key = TarPath.Of(member.Name);
        Seen seen = Seen.Unreadable;
        Func<Stream>? open = member is { Kind: TarKind.File, IsUnknownSparse: false } ? Look(reader.Open(), out seen) : null;
        Place? place = member.Kind switch
        {
            TarKind.File => new Place(member.At, seen),
            TarKind.HardLink => Find(TarPath.Of(member.Target)),
            TarKind.SymbolicLink when key is not null => Find(TarPath.Of(member.Target, key)),
            _ => null,
        };
        if (key is not null && member.Kind != TarKind.Folder)
            Remember(key, place);
        if (member.Kind == TarKind.Continuation)
            return Fault("is the rest of a file that begins in another archive; put the archives together");
        switch (ImageNames.Tell(Path.TrimEndingDirectorySeparator(name)))
        {
            case NameTells.Hidden:
            case NameTells.Nothing or NameTells.Other when member.Kind == TarKind.Folder:
                return null;
            case NameTells.Other:
                _leftOut.Add(full);
                return null;
            case NameTells.Nothing when member.Kind is TarKind.HardLink or TarKind.SymbolicLink && place is null:
                _leftOut.Add(LeftOut.Links, full);
                return null;
            case NameTells.Nothing when !Found.Takes(full, place?.Seen ?? Seen.Special, _leftOut):
                return null;
        }
        return member switch
        {
            { IsUnknownSparse: true } => Fault("is a sparse file in a form that is not read; unpack the archive"),
            { Kind: TarKind.File } => new MemberInput(_path, name, open!),
            { Kind: TarKind.Folder } => Fault("is a folder that is called as an image"),
            { Kind: TarKind.Special } => Fault("is a pipe or device, not a file"),
            _ when place is null => Fault($"is a link to {member.Target}, which is no file before it in the archive; unpack the archive"),
            _ when !canReopen => Fault($"is a link to {member.Target}, and a pipe cannot be read again; save the archive to a file"),
            _ => new MemberInput(_path, name, () => Reopen(place.Value.At)),
        };

        FaultyInput Fault(string fault) => new(full, SeverityError.FileUnreadable, fault);
    }

    /// <summary>Looks at a member's first bytes, of which the archive's stream gives each but once.</summary>
    /// <returns>What opens its content, from those bytes on.</returns>
    static Func<Stream> Look(Stream content, out Seen seen)
    {
        try
        {
            byte[] start = FileStart.Read(content);
            seen = Found.Look(start);
            return () => new PrefixedStream(start, content);
        }
        catch (Exception e) when (Archive.IsFault(e))
        {
            seen = Seen.Unreadable;
            ExceptionDispatchInfo fault = ExceptionDispatchInfo.Capture(e);
            return () =>
            {
                fault.Throw();
                return content;
            };
        }
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

    Place? Find(string? key) => key is not null && _files.TryGetValue(Hash(key), out Place place) ? place : null;

    void Remember(string key, Place? at)
    {
        if (at is { } place)
            _files[Hash(key)] = place;
        else
            _files.Remove(Hash(key));
    }

    ulong Hash(string key) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(key.AsSpan()), _seed);

    static string TrimDot(string name) => name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;

    /// <summary>Where a file's headers begin in the unpacked archive, and what a look at its content gave.</summary>
    readonly record struct Place(long At, Seen Seen);
}
