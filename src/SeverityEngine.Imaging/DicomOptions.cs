namespace SeverityEngine;

/// <summary>Which of a DICOM file's display settings its pixels go through before they are scored.</summary>
public enum DicomVoi
{
    /// <summary>None, as in the published system: its numbers hold for such pixels.</summary>
    None = 0,

    /// <summary>
    /// The modality's table or rescaling, then the first VOI table or window. A file that has neither table nor window is read as with
    /// <see cref="None"/>, with a warning.
    /// </summary>
    Window = 1,

    /// <summary>As <see cref="Window"/>; where there is neither table nor window, the values that the picture uses are spread.</summary>
    Auto = 2,
}

/// <summary>How DICOM files are read; other formats have none of this. The defaults keep the published system's pixels.</summary>
public sealed record DicomOptions
{
    /// <summary>The options where none are given.</summary>
    public static DicomOptions Default { get; } = new();

    /// <summary>Which display settings are applied. Pixels that went through one have 16 bits and a full white of 65,535.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: none of the values.</exception>
    public DicomVoi Voi
    {
        get;
        init => field = Enum.IsDefined(value) ? value
            : throw new SeverityException(SeverityError.InvalidArgument,
                $"{(int)value} is no way to apply display settings; use 0, 1 or 2");
    }

    /// <summary>The frame that is read, counted from 1; 0 for none, where a file with several frames is refused.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: a negative number.</exception>
    public int Frame
    {
        get;
        init => field = value >= 0 ? value
            : throw new SeverityException(SeverityError.InvalidArgument, $"frame {value}: frames are counted from 1; use 0 for none");
    }

    /// <summary>Whether images of modalities that make no radiographs (CT, MR, ...) are read too, with a warning.</summary>
    public bool AnyModality { get; init; }

    /// <summary>
    /// Whether <see cref="XRayImage.Uids"/> and a prediction's <c>Uids</c> are given. They identify the patient's study.
    /// </summary>
    public bool Uids { get; init; }
}
