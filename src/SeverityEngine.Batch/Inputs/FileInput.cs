namespace SeverityEngine.Batch.Inputs;

/// <summary>An image in a file.</summary>
sealed class FileInput(string path) : InputItem(path)
{
    public override ImageFile Read() => ImageFile.Open(Name);
}
