namespace SeverityEngine.Batch.Inputs.Archives;

/// <summary>What a member of a tar archive is.</summary>
enum TarKind
{
    File,
    HardLink,
    SymbolicLink,
    Folder,

    /// <summary>A device or a pipe.</summary>
    Special,

    /// <summary>The rest of a file whose beginning another archive holds.</summary>
    Continuation,
}

/// <summary>One member of a tar archive.</summary>
/// <param name="Name">Its name, as the archive has it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Target">What it is a link to; empty for other kinds.</param>
/// <param name="At">Where its headers begin, in the unpacked archive.</param>
/// <param name="IsUnknownSparse">Whether it is a sparse file in a form that is not read.</param>
sealed record TarMember(string Name, TarKind Kind, string Target, long At, bool IsUnknownSparse = false);
