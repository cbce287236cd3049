using SeverityEngine.Batch.Inputs.Archives;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>The images in a zip archive, in natural order: one row for each, and for each member whose two headers disagree.</summary>
sealed class ZipInputs
{
    readonly string _path;
    readonly FileStream _content;
    readonly LeftOut _leftOut;
    readonly ZipCentralDirectory _directory;
    readonly HashSet<string> _names = new(StringComparer.Ordinal);
    readonly HashSet<long> _places = [];

    ZipInputs(string path, FileStream content, LeftOut leftOut)
    {
        _path = path;
        _content = content;
        _leftOut = leftOut;
        _directory = new ZipCentralDirectory(content);
    }

    public static IEnumerable<InputItem> Enumerate(string path, LeftOut leftOut)
    {
        FileStream? content = null;
        FaultyInput? fault = null;
        ZipInputs? inputs = null;
        List<ZipMember> members = [];
        try
        {
            content = Archive.Open(path);
            if (content.CanSeek)
            {
                inputs = new ZipInputs(path, content, leftOut);
                members = inputs._directory.Read();
                members.Sort((a, b) => NaturalOrder.Instance.Compare(a.Name, b.Name));
            }
            else
                fault = new FaultyInput(path, SeverityError.FileUnreadable, "a zip archive cannot be read from a pipe; save it to a file");
        }
        catch (Exception e) when (Archive.IsFault(e))
        {
            fault = Archive.Row(path, e);
        }
        using (content)
        {
            if (fault is not null)
                yield return fault;
            foreach (ZipMember member in members)
            {
                if (inputs!.Input(member) is { } input)
                    yield return input;
            }
        }
    }

    InputItem? Input(ZipMember member)
    {
        bool isTwice = !_names.Add(member.Name) | !_places.Add(member.At);
        string name = $"{_path}/{member.Name}";
        long at;
        try
        {
            // Of all members: what is called as an image in one place alone is not passed over.
            at = _directory.ContentAt(member);
        }
        catch (Exception e) when (Archive.IsFault(e))
        {
            return Fault($"the archive is damaged here: {Archive.Reason(e)}; copy or pack it again", e);
        }
        bool isPacked = member.Method is not (ZipMemberStream.Stored or ZipMemberStream.Deflated);
        switch (ImageNames.Tell(member.Name))
        {
            case NameTells.Hidden:
                return null;
            case NameTells.Other:
                _leftOut.Add(name);
                return null;
            case NameTells.Nothing when member.IsLink:
                _leftOut.Add(LeftOut.Links, name);
                return null;
            // What cannot be looked into is a row, for it may be DICOM.
            case NameTells.Nothing when !member.IsEncrypted && !isPacked && !Found.Takes(name, Look(member, at), _leftOut):
                return null;
        }
        return isTwice ? Fault("is in the archive twice, under one name or in one place; pack it again")
            : member.IsEncrypted ? Fault("is encrypted; unpack the archive with its password")
            : member.IsLink ? Fault("is a link; unpack the archive")
            : isPacked
                ? Fault($"is packed by {ZipMemberStream.MethodName(member.Method)}, which is not read; pack the archive again with deflate")
            : new MemberInput(_path, member.Name, () => new ZipMemberStream(_content, at, member));

        FaultyInput Fault(string fault, Exception? cause = null) => new(name, SeverityError.FileUnreadable, fault, cause);
    }

    Seen Look(ZipMember member, long at)
    {
        try
        {
            using ZipMemberStream stream = new(_content, at, member);
            return Found.Look(FileStart.Read(stream));
        }
        catch (Exception e) when (Archive.IsFault(e))
        {
            return Seen.Unreadable;
        }
    }
}
