namespace SeverityEngine.Dicom.Source;

/// <summary>An attribute of a source that results have too.</summary>
/// <param name="Tag">Its tag.</param>
/// <param name="Vr">Its value representation by PS3.6.</param>
/// <param name="IsRequired">Whether it stands in a result though it be empty (type 2).</param>
/// <param name="MayBeSeveral">Whether it may have several values.</param>
readonly record struct CopiedAttribute(uint Tag, string Vr, bool IsRequired = false, bool MayBeSeveral = false);

/// <summary>Which attributes results copy from their source: those that say of whom and of which study it is. No other is.</summary>
static class SourceTags
{
    public const uint CharacterSet = 0x0008_0005;
    public const uint CodeValue = 0x0008_0100;
    public const uint CodingScheme = 0x0008_0102;
    public const uint CodeMeaning = 0x0008_0104;
    public const uint PatientSex = 0x0010_0040;
    public const uint IdentityRemoved = 0x0012_0062;
    public const uint Deidentification = 0x0012_0063;
    public const uint DeidentificationCodes = 0x0012_0064;
    public const uint PatientOrientation = 0x0020_0020;
    public const uint LossyRatio = 0x0028_2112;
    public const uint LossyMethod = 0x0028_2114;

    /// <summary>Those of every result.</summary>
    public static CopiedAttribute[] Identity { get; } =
    [
        new(0x0008_0020, "DA", IsRequired: true),  // StudyDate
        new(0x0008_0030, "TM", IsRequired: true),  // StudyTime
        new(0x0008_0050, "SH", IsRequired: true),  // AccessionNumber
        new(0x0008_0090, "PN", IsRequired: true),  // ReferringPhysicianName
        new(0x0008_1030, "LO"),                    // StudyDescription
        new(0x0010_0010, "PN", IsRequired: true),  // PatientName
        new(0x0010_0020, "LO", IsRequired: true),  // PatientID
        new(0x0010_0021, "LO"),                    // IssuerOfPatientID
        new(0x0010_0030, "DA", IsRequired: true),  // PatientBirthDate
        new(PatientSex, "CS", IsRequired: true),
        new(0x0010_1010, "AS"),                    // PatientAge
        new(0x0010_1020, "DS"),                    // PatientSize
        new(0x0010_1030, "DS"),                    // PatientWeight
        new(IdentityRemoved, "CS"),
        new(Deidentification, "LO", MayBeSeveral: true),
        new(0x0020_0010, "SH", IsRequired: true),  // StudyID
    ];

    /// <summary>Those of pictures, besides.</summary>
    public static CopiedAttribute[] Picture { get; } =
    [
        new(PatientOrientation, "CS", IsRequired: true, MayBeSeveral: true),
        new(LossyRatio, "DS", MayBeSeveral: true),
        new(LossyMethod, "CS", MayBeSeveral: true),
    ];

    /// <summary>Those of an item of a sequence of codes.</summary>
    public static CopiedAttribute[] Code { get; } =
    [
        new(CodeValue, "SH"), new(CodingScheme, "SH"), new(0x0008_0103, "SH"), new(CodeMeaning, "LO"),
    ];
}
