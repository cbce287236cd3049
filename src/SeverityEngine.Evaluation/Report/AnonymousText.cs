using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Evaluation.Report;

/// <summary>
/// What an anonymous report says in place of texts of rows: words of its own alone, so that nothing that a row holds, a name, a path, a
/// UID, can come with them.
/// </summary>
static class AnonymousText
{
    /// <summary>What a warning says, and what is said in its place; the first that fits.</summary>
    static readonly (string Says, string Words)[] s_warnings =
    [
        ("all its pixels have one value", "all its pixels have one value"),
        ("its values use at most", "its values use few of the levels that it could have: it is scored as dark as it is stored"),
        ("color picture", "a color picture, of which red alone is used"),
        ("does not look like a frontal chest X-ray", "does not look like a frontal chest X-ray; the score means nothing"),
        ("looks inverted", "looks inverted; the score means nothing"),
        ("looks upside down", "looks upside down; the score means nothing"),
        ("looks turned", "looks turned; the score means nothing"),
        ("is too wide or too high", "is too wide or too high for a chest X-ray; the score means nothing"),
        ("contrast looks enhanced", "its contrast looks enhanced locally; the score may be off"),
        ("EXIF orientation", "its EXIF orientation says that it is to be turned or mirrored; it is used as it is stored"),
        ("bytes follow", "bytes follow the image's end"),
        ("more image data than", "more image data than the picture has pixels"),
        ("more pixel data than", "more pixel data than the picture has pixels"),
        ("chunk is missing", "the picture is whole, but its end marker is missing"),
        ("end marker", "the picture is whole, but its end marker is missing"),
        ("of which the first is used", "several pictures, of which the first is used"),
    ];

    static readonly HashSet<string> s_reasons = [.. RowSchema.Words<DomainReason>()];

    static readonly HashSet<string> s_codes = [.. Enum.GetValues<SeverityError>().Select(e => e.Name())];

    /// <summary>Whether a text is one of the reasons that rows give for a picture outside the domain.</summary>
    public static bool IsReason(string text) => s_reasons.Contains(text);

    /// <summary>Whether a text is the name of an error.</summary>
    public static bool IsErrorCode(string text) => s_codes.Contains(text);

    /// <summary>An error in words.</summary>
    /// <param name="code">The error's name in the row; null where it has none.</param>
    public static string OfError(string? code) => code switch
    {
        "file_not_found" => "the file was not found",
        "file_unreadable" => "the file could not be read",
        "file_empty" => "the file is empty",
        "file_too_large" => "the file is larger than the limit",
        "image_format_unknown" => "the file is not an image in a format that is known",
        "image_format_unsupported" => "the image has a form that is not read",
        "image_too_large" => "the image is larger than the limit",
        "image_truncated" => "the image is cut short",
        "image_corrupt" => "the image is damaged",
        "image_outside_domain" => "the picture does not look like a frontal chest X-ray",
        "out_of_memory" => "the image needs more memory than there was",
        _ => "there is no score",
    };

    /// <summary>The warnings of a row: those that are known in words, and whether there are others.</summary>
    public static IReadOnlyList<string> OfWarnings(string text)
    {
        string[] known = [.. s_warnings.Where(w => text.Contains(w.Says, StringComparison.Ordinal)).Select(w => w.Words).Distinct()];
        return known.Length > 0 ? known : ["a warning whose text is left out, for it may name the image"];
    }
}
