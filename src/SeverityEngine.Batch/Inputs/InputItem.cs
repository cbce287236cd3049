namespace SeverityEngine.Batch.Inputs;

/// <summary>One image that is to be scored, before it is read.</summary>
/// <param name="name">What results and messages call it.</param>
abstract class InputItem(string name)
{
    public string Name { get; } = name;

    /// <summary>Whether it has to be read before the next item is asked for: a member of an archive, where the archive stands.</summary>
    public virtual bool ReadAtOnce => false;

    /// <summary>Reads it whole.</summary>
    /// <exception cref="SeverityException">It cannot be read.</exception>
    public abstract ImageFile Read();
}
