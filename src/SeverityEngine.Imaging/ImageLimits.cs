namespace SeverityEngine;

/// <summary>What is refused before memory is taken for it: checked on the file's length and on the image's header.</summary>
public sealed record ImageLimits
{
    /// <summary>The limits where none are given.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>The largest file, in bytes: 256 MiB.</summary>
    public long MaxFileBytes { get; init; } = 256L << 20;

    /// <summary>The most pixels in an image: 100 million.</summary>
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>The longest side of an image, in pixels: 32,768.</summary>
    public int MaxSide { get; init; } = 32_768;
}
