namespace SeverityEngine.Dicom.Writing;

/// <summary>The elements that results have of their own (PS3.6).</summary>
static class ResultTags
{
    public const uint MetaLength = 0x0002_0000;
    public const uint MetaVersion = 0x0002_0001;
    public const uint MediaSopClass = 0x0002_0002;
    public const uint MediaSopInstance = 0x0002_0003;
    public const uint TransferSyntax = 0x0002_0010;
    public const uint ImplementationClass = 0x0002_0012;
    public const uint ImplementationVersion = 0x0002_0013;

    public const uint ImageType = 0x0008_0008;
    public const uint CreationDate = 0x0008_0012;
    public const uint CreationTime = 0x0008_0013;
    public const uint SopClass = 0x0008_0016;
    public const uint SopInstance = 0x0008_0018;
    public const uint SeriesDate = 0x0008_0021;
    public const uint ContentDate = 0x0008_0023;
    public const uint SeriesTime = 0x0008_0031;
    public const uint ContentTime = 0x0008_0033;
    public const uint Modality = 0x0008_0060;
    public const uint ConversionType = 0x0008_0064;
    public const uint Manufacturer = 0x0008_0070;
    public const uint MappingResource = 0x0008_0105;
    public const uint SchemeUid = 0x0008_010C;
    public const uint SchemeIdentification = 0x0008_0110;
    public const uint SchemeName = 0x0008_0115;
    public const uint SchemeOrganization = 0x0008_0116;
    public const uint TimezoneOffset = 0x0008_0201;
    public const uint SeriesDescription = 0x0008_103E;
    public const uint ManufacturerModel = 0x0008_1090;
    public const uint ReferencedProcedureSteps = 0x0008_1111;
    public const uint ReferencedSeries = 0x0008_1115;
    public const uint ReferencedSopClass = 0x0008_1150;
    public const uint ReferencedSopInstance = 0x0008_1155;
    public const uint ReferencedFrame = 0x0008_1160;
    public const uint ReferencedSops = 0x0008_1199;
    public const uint DerivationDescription = 0x0008_2111;
    public const uint SourceImages = 0x0008_2112;
    public const uint DerivationCodes = 0x0008_9215;

    public const uint BodyPart = 0x0018_0015;
    public const uint SerialNumber = 0x0018_1000;
    public const uint CaptureDate = 0x0018_1012;
    public const uint CaptureTime = 0x0018_1014;
    public const uint SoftwareVersions = 0x0018_1020;

    public const uint Study = 0x0020_000D;
    public const uint Series = 0x0020_000E;
    public const uint SeriesNumber = 0x0020_0011;
    public const uint InstanceNumber = 0x0020_0013;

    public const uint SamplesPerPixel = 0x0028_0002;
    public const uint Photometric = 0x0028_0004;
    public const uint PlanarConfiguration = 0x0028_0006;
    public const uint Rows = 0x0028_0010;
    public const uint Columns = 0x0028_0011;
    public const uint BitsAllocated = 0x0028_0100;
    public const uint BitsStored = 0x0028_0101;
    public const uint HighBit = 0x0028_0102;
    public const uint PixelRepresentation = 0x0028_0103;
    public const uint BurnedIn = 0x0028_0301;
    public const uint RecognizableFeatures = 0x0028_0302;
    public const uint SpatialLocationsPreserved = 0x0028_135A;
    public const uint LossyCompression = 0x0028_2110;

    public const uint Units = 0x0040_08EA;
    public const uint Relationship = 0x0040_A010;
    public const uint ValueType = 0x0040_A040;
    public const uint ConceptName = 0x0040_A043;
    public const uint Continuity = 0x0040_A050;
    public const uint Uid = 0x0040_A124;
    public const uint TextValue = 0x0040_A160;
    public const uint FloatingPointValue = 0x0040_A161;
    public const uint ConceptCode = 0x0040_A168;
    public const uint PurposeOfReference = 0x0040_A170;
    public const uint MeasuredValue = 0x0040_A300;
    public const uint NumericValue = 0x0040_A30A;
    public const uint PerformedProcedures = 0x0040_A372;
    public const uint Evidence = 0x0040_A375;
    public const uint CompletionFlag = 0x0040_A491;
    public const uint VerificationFlag = 0x0040_A493;
    public const uint PreliminaryFlag = 0x0040_A496;
    public const uint ContentTemplate = 0x0040_A504;
    public const uint Content = 0x0040_A730;
    public const uint TemplateIdentifier = 0x0040_DB00;

    public const uint GraphicData = 0x0070_0022;
    public const uint GraphicType = 0x0070_0023;

    public const uint PixelData = 0x7FE0_0010;
}
