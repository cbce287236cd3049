using System.Buffers.Binary;

namespace SeverityEngine.Imaging.Dicom;

/// <summary>The elements that are looked at (PS3.6): group in the upper half, number in the lower. No other leaves the file.</summary>
static class DicomTags
{
    public const uint MediaClass = 0x0002_0002;
    public const uint TransferSyntax = 0x0002_0010;
    public const uint FileSet = 0x0004_1130;
    public const uint SopClass = 0x0008_0016;
    public const uint InstanceUid = 0x0008_0018;
    public const uint Modality = 0x0008_0060;
    public const uint PresentationIntent = 0x0008_0068;
    public const uint CodeValue = 0x0008_0100;
    public const uint BodyPart = 0x0018_0015;
    public const uint ViewPosition = 0x0018_5101;
    public const uint StudyUid = 0x0020_000D;
    public const uint SeriesUid = 0x0020_000E;
    public const uint PatientOrientation = 0x0020_0020;
    public const uint SamplesPerPixel = 0x0028_0002;
    public const uint Photometric = 0x0028_0004;
    public const uint PlanarConfiguration = 0x0028_0006;
    public const uint Frames = 0x0028_0008;
    public const uint Rows = 0x0028_0010;
    public const uint Columns = 0x0028_0011;
    public const uint PixelSpacing = 0x0028_0030;
    public const uint PixelAspect = 0x0028_0034;
    public const uint BitsAllocated = 0x0028_0100;
    public const uint BitsStored = 0x0028_0101;
    public const uint HighBit = 0x0028_0102;
    public const uint PixelRepresentation = 0x0028_0103;
    public const uint PixelPadding = 0x0028_0120;
    public const uint BurnedIn = 0x0028_0301;
    public const uint WindowCenter = 0x0028_1050;
    public const uint WindowWidth = 0x0028_1051;
    public const uint RescaleIntercept = 0x0028_1052;
    public const uint RescaleSlope = 0x0028_1053;
    public const uint WindowFunction = 0x0028_1056;
    public const uint LossyCompression = 0x0028_2110;
    public const uint ModalityTables = 0x0028_3000;
    public const uint TableDescriptor = 0x0028_3002;
    public const uint TableData = 0x0028_3006;
    public const uint WindowTables = 0x0028_3010;
    public const uint ViewCodes = 0x0054_0220;
    public const uint LutShape = 0x2050_0020;
    public const uint PixelData = 0x7FE0_0010;

    /// <summary>A tag as it stands in little-endian files.</summary>
    public static uint Read(ReadOnlySpan<byte> at) =>
        (uint)BinaryPrimitives.ReadUInt16LittleEndian(at) << 16 | BinaryPrimitives.ReadUInt16LittleEndian(at[2..]);

    /// <summary>A tag as it is written everywhere, such as <c>(0028,0010)</c>.</summary>
    public static string Text(uint tag) => $"({tag >> 16:X4},{tag & 0xFFFF:X4})";
}
