namespace SeverityEngine;

/// <summary>
/// The UIDs by which a DICOM image's results are joined to its study; null for what the file lacks, or has in another form than that of a
/// UID. They identify the patient's study to whoever has the archive.
/// </summary>
/// <param name="Study">StudyInstanceUID (0020,000D).</param>
/// <param name="Series">SeriesInstanceUID (0020,000E).</param>
/// <param name="Instance">SOPInstanceUID (0008,0018).</param>
public sealed record DicomUids(string? Study, string? Series, string? Instance);
