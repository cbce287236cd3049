using SeverityEngine.Batch.Inputs;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Inputs;

/// <summary>What comes out of an archive: of each input its name, and its content or its fault.</summary>
sealed record ArchiveRow(string Name, byte[] Content, string Fault)
{
    /// <summary>The rows of a file, named without its folder.</summary>
    public static List<ArchiveRow> Of(string path)
    {
        List<ArchiveRow> rows = [];
        foreach (InputItem input in new InputList([path]).Enumerate(new LeftOut()))
        {
            string name = input.Name[(Path.GetDirectoryName(path)!.Length + 1)..];
            try
            {
                using ImageFile file = input.Read(ImageLimits.Default);
                rows.Add(new ArchiveRow(name, file.Bytes.ToArray(), ""));
            }
            catch (SeverityException e)
            {
                rows.Add(new ArchiveRow(name, [], e.Message));
            }
        }
        return rows;
    }

    public static List<ArchiveRow> Of(string name, byte[] archive)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder[name], archive);
        return Of(folder[name]);
    }
}
