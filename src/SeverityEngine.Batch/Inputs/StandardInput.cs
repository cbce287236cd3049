namespace SeverityEngine.Batch.Inputs;

/// <summary>An image on standard input.</summary>
sealed class StandardInput() : InputItem(Spelling)
{
    public const string Spelling = "-";

    public override ImageFile Read()
    {
        using Stream input = Console.OpenStandardInput();
        return ImageFile.Read(input, "standard input");
    }
}
