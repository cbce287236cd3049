using SeverityEngine.IO;

namespace SeverityEngine.Batch.Inputs;

/// <summary>
/// File patterns as shells read them: <c>*</c>, <c>?</c> and <c>[a-z]</c> (<c>[!a-z]</c>) within a name, <c>**</c> for any folders.
/// A name that starts with a dot is matched only by a pattern that does.
/// </summary>
static class Glob
{
    const string AnyFolders = "**";

    static readonly string[] s_anyName = ["*"];
    static readonly char[] s_separators = OperatingSystem.IsWindows() ? ['/', '\\'] : ['/'];

    public static bool IsPattern(string text) => text.AsSpan().ContainsAny('*', '?', '[');

    /// <summary>The files and folders that match, in natural order, and the faults of folders that cannot be listed.</summary>
    public static IEnumerable<FolderEntry> Expand(string pattern)
    {
        string root = Path.GetPathRoot(pattern) ?? "";
        string[] parts = pattern[root.Length..].Split(s_separators, StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 0 ? [] : Walk(root, parts);
    }

    static IEnumerable<FolderEntry> Walk(string folder, ReadOnlyMemory<string> parts)
    {
        string part = parts.Span[0];
        bool last = parts.Length == 1;
        if (part == AnyFolders)
            return Descend(folder, last ? s_anyName : parts[1..]);
        if (!IsPattern(part))
        {
            string path = Path.Join(folder, part);
            return !last ? Walk(path, parts[1..])
                : Path.Exists(path) ? [new FolderEntry(folder, part, Directory.Exists(path), IsLink: false)] : [];
        }
        return Match();

        IEnumerable<FolderEntry> Match()
        {
            foreach (FolderEntry entry in List(folder))
            {
                if (entry.Fault is not null)
                    yield return entry;
                else if (!MatchesName(part, entry.Name))
                    continue;
                else if (last)
                    yield return entry;
                else if (entry.IsFolder)
                {
                    foreach (FolderEntry below in Walk(entry.Path, parts[1..]))
                        yield return below;
                }
            }
        }
    }

    /// <summary>
    /// Every file at or below a folder whose way from there ends in a match: each once, however many <c>**</c> there are.
    /// </summary>
    static IEnumerable<FolderEntry> Descend(string folder, ReadOnlyMemory<string> parts)
    {
        foreach (FolderEntry entry in FolderWalker.Walk(folder, recursive: true))
        {
            if (entry.Fault is null ? MatchesTail(parts.Span,
                entry.Path[folder.Length..].Split(s_separators, StringSplitOptions.RemoveEmptyEntries))
                : entry.Fault.Code != SeverityError.FileNotFound)
                yield return entry;
        }
    }

    /// <summary>Whether names match parts, any number of folders coming before the first part.</summary>
    static bool MatchesTail(ReadOnlySpan<string> parts, ReadOnlySpan<string> names)
    {
        int next = parts.IndexOf(AnyFolders);
        ReadOnlySpan<string> run = next < 0 ? parts : parts[..next];
        if (next < 0)
            return names.Length >= run.Length && MatchesAll(run, names[^run.Length..]);
        for (int at = 0; at + run.Length <= names.Length; at++)
        {
            if (MatchesAll(run, names.Slice(at, run.Length)))
                // The first place is as good as any later one: it leaves the most names for the rest.
                return MatchesTail(next + 1 < parts.Length ? parts[(next + 1)..] : s_anyName, names[(at + run.Length)..]);
        }
        return false;
    }

    static bool MatchesAll(ReadOnlySpan<string> parts, ReadOnlySpan<string> names)
    {
        for (int i = 0; i < parts.Length; i++)
        {
            if (!MatchesName(parts[i], names[i]))
                return false;
        }
        return true;
    }

    /// <summary>
    /// Whether one name matches one part; a star that went wrong is tried again one letter on, so time stays within length x length.
    /// </summary>
    public static bool MatchesName(ReadOnlySpan<char> part, ReadOnlySpan<char> name)
    {
        if (name.StartsWith('.') && !part.StartsWith('.'))
            return false;
        int p = 0, n = 0, star = -1, retry = 0;
        while (n < name.Length)
        {
            if (p < part.Length && part[p] == '*')
            {
                star = ++p;
                retry = n;
            }
            else if (p < part.Length && MatchesLetter(part[p..], name[n], out int length))
            {
                p += length;
                n++;
            }
            else if (star >= 0)
            {
                p = star;
                n = ++retry;
            }
            else
                return false;
        }
        return part[p..].Trim('*').IsEmpty;
    }

    static bool MatchesLetter(ReadOnlySpan<char> part, char letter, out int length)
    {
        length = 1;
        if (part[0] == '?')
            return true;
        // "]" stands for itself right after the opening; an opening without an end stands for itself too.
        int start = part.Length > 1 && part[1] is '!' or '^' ? 2 : 1;
        int end = part[0] == '[' && part.Length > start + 1 ? part[(start + 1)..].IndexOf(']') : -1;
        if (end < 0)
            return Same(part[0], letter);
        ReadOnlySpan<char> set = part.Slice(start, end + 1);
        length = start + set.Length + 1;
        bool found = false;
        for (int i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                found |= letter >= set[i] && letter <= set[i + 2];
                i += 2;
            }
            else
                found |= Same(set[i], letter);
        }
        return found == (start == 1);
    }

    static bool Same(char a, char b) => OperatingSystem.IsWindows() ? char.ToUpperInvariant(a) == char.ToUpperInvariant(b) : a == b;

    /// <summary>What stands in a folder; where there is no such folder, nothing does.</summary>
    static List<FolderEntry> List(string folder)
    {
        List<FolderEntry> entries = FolderWalker.List(folder);
        return entries is [{ Fault.Code: SeverityError.FileNotFound }] ? [] : entries;
    }
}
