namespace SeverityEngine;

/// <summary>Lets images take memory one after the other where it is not enough for all at once.</summary>
interface IMemoryGate
{
    /// <summary>Waits until there is room for a file.</summary>
    /// <param name="bytes">Its length; the longest that is allowed where it is not known.</param>
    void TakeFile(long bytes);

    /// <summary>Waits until there is room for decoding a picture.</summary>
    /// <param name="bytes">What is held at once, the decoder's own included.</param>
    void TakePicture(long bytes);
}

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

    /// <summary>How DICOM files are read; it goes with the limits through every decoder.</summary>
    internal DicomOptions Dicom { get; init; } = DicomOptions.Default;

    /// <summary>Asked before memory is taken, for a file and for its picture; null where there is none to share with.</summary>
    internal IMemoryGate? Gate { get; init; }

    /// <summary>The limits that a caller gives, or the usual ones, together with how DICOM files are read.</summary>
    internal static ImageLimits With(ImageLimits? limits, DicomOptions? dicom)
    {
        limits ??= Default;
        return dicom is null || dicom == limits.Dicom ? limits : limits with { Dicom = dicom };
    }
}
