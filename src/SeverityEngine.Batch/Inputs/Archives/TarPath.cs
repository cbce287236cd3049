namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>Names of members as links name them.</summary>
static class TarPath
{
    /// <summary>
    /// A name without <c>.</c>, <c>..</c> and doubled slashes, as unpacking makes files of it; null where it leads out of the archive.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="from">For a symbolic link's target, the link's own name: it counts from the folder of that.</param>
    public static string? Of(string name, string? from = null)
    {
        List<string> parts = [];
        if (from is not null)
        {
            if (name.StartsWith('/'))
                return null;
            parts.AddRange(from.Split('/')[..^1]);
        }
        foreach (string part in name.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Add(part);
            else if (parts.Count == 0)
                return null;
            else
                parts.RemoveAt(parts.Count - 1);
        }
        return string.Join('/', parts);
    }
}
