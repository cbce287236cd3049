using SeverityEngine.Batch.Rows;
using SeverityEngine.Imaging.Dicom;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>What a look into a file gave.</summary>
enum Seen : byte
{
    /// <summary>It cannot be read; reading it as an image says why.</summary>
    Unreadable,

    /// <summary>A pipe, a socket or a device, which is not opened: that may wait for ever.</summary>
    Special,

    Empty,
    Dicom,

    /// <summary>A DICOMDIR.</summary>
    Directory,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>Which of the files that a search comes upon are to be scored; those that are not are counted.</summary>
static class Found
{
    /// <summary>Whether a file of a folder is: one with an image's name, and one whose name says nothing and that is DICOM.</summary>
    public static bool IsInFolder(string path, LeftOut leftOut)
    {
        NameTells tells = ImageNames.Tell(path);
        if (tells == NameTells.Other)
            leftOut.Add(path);
        return tells == NameTells.Image ? !IsMap(path, leftOut) : tells == NameTells.Nothing && Takes(path, Look(path), leftOut);
    }

    /// <summary>Whether a file of a folder may be, by its name alone.</summary>
    public static bool MayBeInFolder(string path) => ImageNames.Tell(path) is NameTells.Image or NameTells.Nothing;

    /// <summary>Whether a file that a pattern matches is: all but what nobody can mean.</summary>
    public static bool IsMatch(string path, LeftOut leftOut)
    {
        if (IsMap(path, leftOut))
            return false;
        if (ImageNames.Tell(path) != NameTells.Nothing || Look(path) != Seen.Directory)
            return true;
        leftOut.Add(LeftOut.Directories, path);
        return false;
    }

    /// <summary>Whether a file whose name says nothing is, by what was seen of it.</summary>
    public static bool Takes(string name, Seen seen, LeftOut leftOut)
    {
        if (seen is Seen.Dicom or Seen.Unreadable)
            return true;
        if (seen == Seen.Other)
            leftOut.Add(name);
        else
            leftOut.Add(seen == Seen.Directory ? LeftOut.Directories : seen == Seen.Empty ? LeftOut.Empty : LeftOut.Specials, name);
        return false;
    }

    /// <summary>What a file is by its first bytes.</summary>
    public static Seen Look(ReadOnlySpan<byte> start) => start.IsEmpty ? Seen.Empty : DicomFile.Tell(start) switch
    {
        DicomStart.File => Seen.Dicom,
        DicomStart.Directory => Seen.Directory,
        _ => Seen.Other,
    };

    static Seen Look(string path)
    {
        if (FileStatus.IsSpecial(path))
            return Seen.Special;
        try
        {
            return Look(FileStart.Read(path));
        }
        catch (Exception e) when (FileFaults.IsFault(e))
        {
            return Seen.Unreadable;
        }
    }

    /// <summary>Whether it is a saliency map or another result of an earlier run, by its name and what it says of itself.</summary>
    static bool IsMap(string path, LeftOut leftOut)
    {
        PlacedKind? kind = PlacedKind.Pictures.FirstOrDefault(kind => kind.HasName(path));
        if (kind is null || !OutputGuard.IsOfKind(path, kind.IsKind))
            return false;
        leftOut.Add($"*{kind.Suffix} of earlier runs", path);
        return true;
    }
}
