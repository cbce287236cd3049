using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Batch.Rows;

/// <summary>Errors as a person reads many of them, one below the other: which formats are read is said once.</summary>
sealed class RowErrorText
{
    static readonly string s_formats = $"; {ImageFormats.AreRead}";

    bool _saidFormats;

    /// <summary>An error in words.</summary>
    /// <param name="error">The error.</param>
    /// <param name="name">The file, where it stands before the words already; most messages begin with it.</param>
    public string Of(SeverityException error, string? name = null)
    {
        string text = error.Message;
        if (name is not null && text.StartsWith($"{name}: ", StringComparison.Ordinal))
            text = text[(name.Length + 2)..];
        if (!text.EndsWith(s_formats, StringComparison.Ordinal))
            return text;
        if (_saidFormats)
            text = text[..^s_formats.Length];
        _saidFormats = true;
        return text;
    }
}
