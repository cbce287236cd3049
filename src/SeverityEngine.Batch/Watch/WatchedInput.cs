using SeverityEngine.Batch.Inputs;
using SeverityEngine.IO;

namespace SeverityEngine.Batch.Watch;

/// <summary>A file of a folder that is watched, which counts only if it is not changed while it is read.</summary>
sealed class WatchedInput : InputItem
{
    /// <param name="file">The file.</param>
    /// <param name="state">The state in which it stood still.</param>
    public WatchedInput(FoundFile file, FileState? state)
        : base(file.Path) => (File, State, Below) = (file, state, file.Below);

    /// <summary>The file.</summary>
    public FoundFile File { get; }

    /// <summary>The state in which it stood still.</summary>
    public FileState? State { get; }

    /// <summary>Whether it was changed or removed before it was read to its end.</summary>
    public bool IsChanged { get; private set; }

    public override ImageFile Read(ImageLimits limits)
    {
        ImageFile? read = null;
        try
        {
            read = ImageFile.OpenFound(Name, limits);
        }
        finally
        {
            IsChanged = FileState.Of(Name) != State;
            if (IsChanged)
                read?.Dispose();
        }
        return !IsChanged ? read
            : throw new SeverityException(SeverityError.FileUnreadable, $"{Name}: was changed while it was read; it is read again");
    }

    public override byte[]? ReadStart(ImageLimits limits) => ImageFile.ReadStart(Name, limits);
}
