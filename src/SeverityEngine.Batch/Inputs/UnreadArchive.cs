namespace SeverityEngine.Batch.Inputs;

/// <summary>A kind of archive that is known and not read: each is named in one row, with what to do.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Magic">How its files begin.</param>
/// <param name="Remedy">What to do.</param>
/// <param name="Endings">How its files are called.</param>
sealed record UnreadArchive(string Name, byte[] Magic, string Remedy, params string[] Endings)
{
    const string Tar = "unpack it with tar -xf, or pack it again as .tar.gz";
    const string Other = "unpack it, or pack it again as .zip";

    static readonly UnreadArchive[] s_all = [
        new("xz", [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], Tar, ".tar.xz", ".txz", ".xz"),
        new("bzip2", [.. "BZh"u8], Tar, ".tar.bz2", ".tbz2", ".tbz", ".bz2"),
        new("Zstandard", [0x28, 0xB5, 0x2F, 0xFD], Tar, ".tar.zst", ".tzst", ".zst"),
        new("7z", [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C], Other, ".7z"),
        new("RAR", [.. "Rar!\u001A\u0007"u8], Other, ".rar"),
        // Not of a tar archive, which is read.
        new("gzip", [0x1F, 0x8B], "unpack it with gunzip", ".gz"),
    ];

    /// <summary>The kind that a name has; null for none.</summary>
    public static UnreadArchive? ByName(string path) =>
        Archive.IsTar(path) ? null
            : s_all.FirstOrDefault(kind => kind.Endings.Any(e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase)));

    /// <summary>The kind that a file's first bytes have; null for none.</summary>
    public static UnreadArchive? ByContent(ReadOnlySpan<byte> bytes)
    {
        foreach (UnreadArchive kind in s_all)
        {
            if (bytes.StartsWith(kind.Magic))
                return kind;
        }
        return null;
    }

    /// <summary>The row of a file that has the name of such an archive: what it is by its content, where that is known.</summary>
    public static FaultyInput Row(string path)
    {
        UnreadArchive named = ByName(path)!;
        try
        {
            Span<byte> first = stackalloc byte[8];
            using FileStream file = Archive.Open(path);
            int length = file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
            return ByContent(first[..length]) is { } kind
                ? new FaultyInput(path, SeverityError.FileUnreadable, kind.Fault)
                : new FaultyInput(path, SeverityError.FileUnreadable, $"is called as {named.Article} archive, and is none; check the file");
        }
        catch (Exception e) when (Archive.IsFault(e))
        {
            return Archive.Row(path, e);
        }
    }

    /// <summary>What is said of one.</summary>
    public string Fault => $"is {Article} archive, which is not read; {Remedy}";

    string Article => Name is "xz" or "RAR" ? $"an {Name}" : $"a {Name}";
}
