namespace SeverityEngine.Dicom.Writing;

/// <summary>A kind of result: what its objects are to an archive.</summary>
/// <param name="Name">What UIDs are derived from.</param>
/// <param name="SopClass">Its SOP class (PS3.4, B.5).</param>
/// <param name="Modality">Its modality.</param>
/// <param name="SeriesNumber">The number of its series, high enough to stand behind the images.</param>
sealed record ResultKind(string Name, string SopClass, string Modality, int SeriesNumber)
{
    /// <summary>Where the meta header ends at the latest: it has six short elements.</summary>
    const int MostMetaBytes = 512;

    /// <summary>A report: Comprehensive 3D SR Storage, which programs that write measurements use.</summary>
    public static ResultKind Report { get; } = new("report", "1.2.840.10008.5.1.4.1.1.88.34", "SR", 9901);

    /// <summary>A picture of a saliency map: Secondary Capture Image Storage.</summary>
    public static ResultKind Capture { get; } = new("saliency", "1.2.840.10008.5.1.4.1.1.7", "OT", 9902);

    /// <summary>Whether a file's first bytes are those of such an object that this program wrote.</summary>
    public bool IsKind(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> meta = start[..Math.Min(start.Length, MostMetaBytes)];
        byte[] sopClass = new DataSet().Text(ResultTags.MediaSopClass, "UI", SopClass).Encode();
        byte[] maker = new DataSet().Text(ResultTags.ImplementationClass, "UI", ResultUid.Implementation).Encode();
        return meta.Length > ResultObject.PreambleBytes && meta[ResultObject.PreambleBytes..].StartsWith(ResultObject.Mark)
            && meta.IndexOf(sopClass) > 0 && meta.IndexOf(maker) > 0;
    }
}
