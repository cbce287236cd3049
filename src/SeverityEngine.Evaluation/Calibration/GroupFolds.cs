namespace SeverityEngine.Evaluation.Calibration;

/// <summary>
/// Parts of a sample for cross-validation, of nearly equal sizes, none of which shares a group with another. The same groups give the same
/// parts, in whatever order the images come.
/// </summary>
static class GroupFolds
{
    /// <summary>The part that each image belongs to, from 0.</summary>
    /// <param name="groups">Each image's group.</param>
    /// <param name="most">How many parts are wanted; there are never more than groups.</param>
    /// <param name="seed">Chooses among equally good parts.</param>
    public static int[] Of(IReadOnlyList<string> groups, int most, ulong seed)
    {
        (string Name, int Size)[] bySize =
            [.. groups.CountBy(name => name).Select(g => (g.Key, g.Value)).OrderBy(g => g.Key, StringComparer.Ordinal)];
        SplitMix64 random = new(seed);
        for (int i = bySize.Length - 1; i > 0; i--)
        {
            int other = random.Next(i + 1);
            (bySize[i], bySize[other]) = (bySize[other], bySize[i]);
        }
        // The largest first, each to the part that has least: the order among equals stays by chance.
        int[] sizes = new int[Math.Min(most, bySize.Length)];
        Dictionary<string, int> parts = new(StringComparer.Ordinal);
        foreach ((string name, int size) in bySize.OrderByDescending(g => g.Size))
        {
            int part = Array.IndexOf(sizes, sizes.Min());
            sizes[part] += size;
            parts.Add(name, part);
        }
        return [.. groups.Select(name => parts[name])];
    }

    /// <summary>The images of a part, and those of all others.</summary>
    public static (int[] Inside, int[] Outside) Split(IReadOnlyList<int> folds, int part)
    {
        ILookup<bool, int> images = Enumerable.Range(0, folds.Count).ToLookup(i => folds[i] == part);
        return ([.. images[true]], [.. images[false]]);
    }
}
