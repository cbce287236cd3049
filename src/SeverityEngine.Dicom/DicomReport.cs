using System.Globalization;
using SeverityEngine.Dicom.Report;
using SeverityEngine.Dicom.Source;
using SeverityEngine.Dicom.Writing;
using SeverityEngine.IO;

namespace SeverityEngine.Dicom;

/// <summary>
/// A prediction as a structured report (Comprehensive 3D SR, TID 1500) in the study of its X-ray: both scores, with the square that was
/// scored and what scored it. Research only, not for medical use.
/// </summary>
/// <remarks>
/// The same image, model and engine give the same UIDs and the same bytes, but for the dates, which SOURCE_DATE_EPOCH in the environment
/// fixes.
/// </remarks>
public static class DicomReport
{
    /// <summary>Writes a report to a file, which takes the place of one that is there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="source">The DICOM file that was scored.</param>
    /// <param name="prediction">Its scores.</param>
    /// <param name="modelSha256">The SHA-256 of the model's file, as <see cref="ModelFile.Sha256"/>.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.FileUnwritable"/>; <see cref="SeverityError.InvalidArgument"/>: SOURCE_DATE_EPOCH is no time.
    /// </exception>
    public static void Write(string path, DicomSource source, Prediction prediction, string modelSha256)
    {
        ArgumentNullException.ThrowIfNull(path);
        AtomicFile.Write(path, Encode(source, prediction, modelSha256));
    }

    /// <summary>The bytes of a report's file.</summary>
    /// <param name="source">The DICOM file that was scored.</param>
    /// <param name="prediction">Its scores.</param>
    /// <param name="modelSha256">The SHA-256 of the model's file, as <see cref="ModelFile.Sha256"/>.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: SOURCE_DATE_EPOCH is no time.</exception>
    public static byte[] Encode(DicomSource source, Prediction prediction, string modelSha256)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(modelSha256);
        string level = prediction.Interval?.Level.ToString(CultureInfo.InvariantCulture) ?? "none";
        ResultObject file = new(ResultKind.Report, source, prediction.Model, modelSha256, $"interval {level}");
        DataSet report = file.Begin("Pneumonia severity scores (research only)", SourceTags.Identity, ResultObject.Now());
        report
            .Sequence(ResultTags.ReferencedProcedureSteps)
            .Sequence(ResultTags.PerformedProcedures)
            .Sequence(ResultTags.Evidence, Evidence(file, source))
            .Sequence(ResultTags.SchemeIdentification, new DataSet()
                .Text(SourceTags.CodingScheme, "SH", Code.OwnScheme)
                .Text(ResultTags.SchemeUid, "UI", ResultUid.CodingScheme)
                .Text(ResultTags.SchemeName, "ST", "Severity Engine concepts")
                .Text(ResultTags.SchemeOrganization, "ST", ResultObject.Manufacturer))
            .Text(ResultTags.CompletionFlag, "CS", "COMPLETE")
            .Text(ResultTags.VerificationFlag, "CS", "UNVERIFIED")
            .Text(ResultTags.PreliminaryFlag, "CS", "PRELIMINARY")
            .Add(ReportTree.Root(file, source, prediction, modelSha256));
        return file.Encode(report);
    }

    /// <summary>The source as what the report is based on; viewers find the image by it.</summary>
    static DataSet Evidence(ResultObject file, DicomSource source) => new DataSet()
        .Text(ResultTags.Study, "UI", source.Uids.Study!)
        .Sequence(ResultTags.ReferencedSeries, new DataSet()
            .Text(ResultTags.Series, "UI", source.Uids.Series!)
            .Sequence(ResultTags.ReferencedSops, file.InstanceReference()));
}
