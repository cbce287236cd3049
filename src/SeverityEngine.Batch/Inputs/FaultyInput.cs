namespace SeverityEngine.Batch.Inputs;

/// <summary>What was named but has no image to read: a folder that cannot be listed, a damaged archive. It becomes a row like any other.</summary>
sealed class FaultyInput(string name, SeverityException fault) : InputItem(name)
{
    public FaultyInput(string name, SeverityError code, string fault, Exception? cause = null)
        : this(name, new SeverityException(code, $"{name}: {fault}", cause))
    {
    }

    public override ImageFile Read() => throw fault;
}
