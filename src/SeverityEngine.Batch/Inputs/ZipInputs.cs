using SeverityEngine.Batch.Inputs.Archives;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>The images in a zip archive, in natural order: one row for each, and for each member whose two headers disagree.</summary>
static class ZipInputs
{
    public static IEnumerable<InputItem> Enumerate(string path)
    {
        FileStream? content = null;
        FaultyInput? fault = null;
        List<InputItem> inputs = [];
        try
        {
            content = Archive.Open(path);
            if (content.CanSeek)
                inputs = Inputs(path, content);
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
            foreach (InputItem input in inputs)
                yield return input;
        }
    }

    static List<InputItem> Inputs(string path, FileStream content)
    {
        ZipCentralDirectory directory = new(content);
        List<ZipMember> members = directory.Read();
        members.Sort((a, b) => NaturalOrder.Instance.Compare(a.Name, b.Name));
        HashSet<string> names = new(StringComparer.Ordinal);
        HashSet<long> places = [];
        List<InputItem> inputs = [];
        foreach (ZipMember member in members)
        {
            if (Input(path, content, directory, member, isTwice: !names.Add(member.Name) || !places.Add(member.At)) is { } input)
                inputs.Add(input);
        }
        return inputs;
    }

    static InputItem? Input(string path, FileStream content, ZipCentralDirectory directory, ZipMember member, bool isTwice)
    {
        bool isImage = ImageNames.IsImage(member.Name);
        long at;
        try
        {
            // Of all members: what is called as an image in one place alone is not passed over.
            at = directory.ContentAt(member);
        }
        catch (InvalidDataException e)
        {
            return Fault($"the archive is damaged here: {e.Message}; copy or pack it again", e);
        }
        return !isImage ? null
            : isTwice ? Fault("is in the archive twice, under one name or in one place; pack it again")
            : member.IsEncrypted ? Fault("is encrypted; unpack the archive with its password")
            : member.IsLink ? Fault("is a link; unpack the archive")
            : member.Method is not (ZipMemberStream.Stored or ZipMemberStream.Deflated)
                ? Fault($"is packed by {ZipMemberStream.MethodName(member.Method)}, which is not read; pack the archive again with deflate")
            : new MemberInput(path, member.Name, () => new ZipMemberStream(content, at, member));

        FaultyInput Fault(string fault, Exception? cause = null) =>
            new($"{path}/{member.Name}", SeverityError.FileUnreadable, fault, cause);
    }
}
