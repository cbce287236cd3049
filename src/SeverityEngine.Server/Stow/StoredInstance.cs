using SeverityEngine.Dicom.Network;
using SeverityEngine.Dicom.Writing;
using SeverityEngine.Imaging.Dicom;
using SeverityEngine.Server.Scoring;

namespace SeverityEngine.Server.Stow;

/// <summary>An object of a request, and what becomes of it.</summary>
/// <param name="SopClass">Its SOP class; null where it cannot be read.</param>
/// <param name="Uid">Its SOP Instance UID; null likewise.</param>
sealed record StoredInstance(string? SopClass, string? Uid)
{
    /// <summary>Its study; null where it names none.</summary>
    public string? Study { get; init; }

    /// <summary>Why it is refused, of PS3.18, table I.2-2; 0 where it is not.</summary>
    public int Failure { get; set; }

    /// <summary>Reads what it is.</summary>
    public static StoredInstance Read(UploadedImage image, ImageLimits limits)
    {
        if (!DicomFile.Fits(image.Bytes))
            return new(null, null) { Failure = FailureReason.CannotUnderstand };
        try
        {
            using DicomFile file = DicomFile.Open(image.Bytes, image.Name, limits);
            DicomHeader header = DicomHeader.Read(file.Data(image.Bytes), file.At, file.Syntax, image.Name);
            StoredInstance instance = new(header.SopClass, header.Uids.Instance) { Study = header.Uids.Study };
            if (header.SopClass.Length == 0 || header.Uids.Instance is not { Length: > 0 } uid || !NetworkUids.IsUid(uid))
                return new(null, null) { Failure = FailureReason.CannotUnderstand };
            if (OwnResult.Is(image.Bytes, limits))
                instance.Failure = FailureReason.ClassNotSupported;
            return instance;
        }
        catch (SeverityException e)
        {
            return new(null, null) { Failure = FailureReason.Of(e.Code) };
        }
    }
}

/// <summary>The reasons of PS3.18, table I.2-2.</summary>
static class FailureReason
{
    public const int ProcessingFailure = 0x0110, ClassNotSupported = 0x0122, OutOfResources = 0xA700, CannotUnderstand = 0xC000,
        OtherStudy = 0xC409;

    /// <summary>The reason for an image's error.</summary>
    public static int Of(SeverityError error) => error switch
    {
        SeverityError.OutOfMemory or SeverityError.FileTooLarge or SeverityError.ImageTooLarge or SeverityError.FileUnwritable
            or SeverityError.Canceled => OutOfResources,
        SeverityError.ImageFormatUnsupported => ClassNotSupported,
        SeverityError.ImageFormatUnknown or SeverityError.ImageTruncated or SeverityError.ImageCorrupt or SeverityError.FileEmpty
            or SeverityError.FileUnreadable => CannotUnderstand,
        _ => ProcessingFailure,
    };
}
