namespace SeverityEngine.Imaging.Formats;

/// <summary>A format of files: how it is recognized, and what becomes of a file that has it.</summary>
/// <param name="Name">Its name, as <see cref="XRayImage.Format"/> gives it for a format that is read.</param>
/// <param name="Recognize">Whether a file has it.</param>
/// <param name="Extensions">The endings of names that folders and archives are searched for, without the dot.</param>
sealed record ImageFormat(string Name, ImageFormat.Signature Recognize, params string[] Extensions)
{
    /// <summary>Whether bytes have the format.</summary>
    /// <param name="bytes">The whole file; it may be shorter than any header.</param>
    public delegate bool Signature(ReadOnlySpan<byte> bytes);

    /// <summary>Decodes a file of the format.</summary>
    /// <exception cref="SeverityException">An image that is not read, or is too large, truncated or corrupt.</exception>
    public delegate XRayImage Decoder(ReadOnlySpan<byte> file, string name, ImageLimits limits);

    /// <summary>Its decoder; null for a format that is recognized so that it can be refused by its name.</summary>
    public Decoder? Decode { get; init; }

    /// <summary>What a file that is refused is, and what to do.</summary>
    public string Refusal { get; init; } = "";

    /// <summary>
    /// Whether it has no signature and is told by a header in which everything fits: such formats are asked last, since other files can
    /// look like them.
    /// </summary>
    public bool IsGuess { get; init; }
}
