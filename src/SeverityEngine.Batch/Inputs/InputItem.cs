using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>One image that is to be scored, before it is read.</summary>
/// <param name="name">What results and messages call it.</param>
abstract class InputItem(string name)
{
    public string Name { get; } = name;

    /// <summary>Whether it has to be read before the next item is asked for: a member of an archive, where the archive stands.</summary>
    public virtual bool ReadAtOnce => false;

    /// <summary>Whether it is another shard's, and not to be read here.</summary>
    public bool IsElsewhere { get; set; }

    /// <summary>The folders that lead to it from the folder or the archive that was named; empty where it was named itself.</summary>
    public string Below { get; init; } = "";

    /// <summary>Reads it whole.</summary>
    /// <param name="limits">What is refused, and who is asked for memory.</param>
    /// <exception cref="SeverityException">It cannot be read.</exception>
    public abstract ImageFile Read(ImageLimits limits);

    /// <summary>Reads its first bytes, by which its format is known; null where that would take them from whoever reads it later.</summary>
    /// <param name="limits">Which files are too large.</param>
    /// <exception cref="SeverityException">It cannot be read, is empty or too large.</exception>
    public abstract byte[]? ReadStart(ImageLimits limits);

    /// <summary>The same image, named by its way from a folder; what is no file keeps its name.</summary>
    public InputItem From(string folder) =>
        Name == StandardInput.Spelling ? this : new RelativeInput(this, NameFrom(folder)) { Below = Below };

    /// <summary>Its way from a folder.</summary>
    protected virtual string NameFrom(string folder) => Path.GetRelativePath(folder, Name);
}

/// <summary>An image under another name.</summary>
sealed class RelativeInput(InputItem input, string name) : InputItem(name)
{
    public override bool ReadAtOnce => input.ReadAtOnce;

    public override ImageFile Read(ImageLimits limits) => input.Read(limits);

    public override byte[]? ReadStart(ImageLimits limits) => input.ReadStart(limits);
}

/// <summary>An image in a file.</summary>
/// <param name="path">The file.</param>
/// <param name="by">How it came to be one of the inputs.</param>
sealed class FileInput(string path, NamedBy by = NamedBy.CommandLine) : InputItem(path)
{
    // A pipe is an image only where the command line names it.
    public override ImageFile Read(ImageLimits limits) =>
        by == NamedBy.CommandLine ? ImageFile.Open(Name, limits) : ImageFile.OpenFound(Name, limits);

    public override byte[]? ReadStart(ImageLimits limits) =>
        by == NamedBy.CommandLine && FileStatus.IsSpecial(Name) ? null : ImageFile.ReadStart(Name, limits);
}

/// <summary>How a path came to be one of the inputs.</summary>
enum NamedBy
{
    CommandLine,
    List,

    /// <summary>A folder or a pattern holds it.</summary>
    Search,
}

/// <summary>An image on standard input.</summary>
sealed class StandardInput() : InputItem(Spelling)
{
    public const string Spelling = "-";

    public override ImageFile Read(ImageLimits limits)
    {
        using Stream input = Console.OpenStandardInput();
        return ImageFile.Read(input, "standard input", limits);
    }

    public override byte[]? ReadStart(ImageLimits limits) => null;
}

/// <summary>
/// What was named but has no image to read: a folder that cannot be listed, a damaged archive. It becomes a row like any other.
/// </summary>
sealed class FaultyInput(string name, SeverityException fault) : InputItem(name)
{
    public FaultyInput(string name, SeverityError code, string fault, Exception? cause = null)
        : this(name, new SeverityException(code, $"{name}: {fault}", cause))
    {
    }

    public override ImageFile Read(ImageLimits limits) => throw fault;

    public override byte[]? ReadStart(ImageLimits limits) => throw fault;
}

/// <summary>
/// An image in an archive, named <c>archive.zip/folder/image.png</c>; it is read from the archive's stream, never unpacked.
/// </summary>
sealed class MemberInput : InputItem
{
    readonly string _archive, _member;
    readonly Func<Stream> _open;

    /// <param name="archive">The archive's path.</param>
    /// <param name="member">The member's name inside it.</param>
    /// <param name="open">Opens the member's content; called once, while the archive stands at it.</param>
    public MemberInput(string archive, string member, Func<Stream> open)
        : base($"{archive}/{member}")
    {
        (_archive, _member, _open) = (archive, member, open);
        Below = Path.GetDirectoryName(member) ?? "";
    }

    public override bool ReadAtOnce => true;

    // What a member is called is no path: nothing in it leads anywhere.
    protected override string NameFrom(string folder) => $"{Path.GetRelativePath(folder, _archive)}/{_member}";

    // The limit holds for what comes out, whatever size the archive claims.
    public override ImageFile Read(ImageLimits limits) => Opened(content => ImageFile.Read(content, Name, limits, content.Length));

    public override byte[]? ReadStart(ImageLimits limits) => Opened(content => ImageFile.ReadStart(content, Name, limits, content.Length));

    T Opened<T>(Func<Stream, T> read)
    {
        try
        {
            using Stream content = _open();
            return read(content);
        }
        catch (Exception e) when (e is not SeverityException && Archive.IsFault(e))
        {
            throw new SeverityException(SeverityError.FileUnreadable,
                $"{Name}: the archive is damaged here: {Archive.Reason(e)}; copy or pack it again", e);
        }
    }
}
