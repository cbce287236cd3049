using System.Text;

namespace SeverityEngine.Tests;

/// <summary>An X-ray's DICOM file that a test makes: a valid digital radiograph until the test changes what it is about.</summary>
sealed class SourceImage
{
    public const uint CharacterSet = 0x0008_0005, StudyTime = 0x0008_0030, Accession = 0x0008_0050, Referring = 0x0008_0090,
        PatientName = 0x0010_0010, PatientId = 0x0010_0020, BirthDate = 0x0010_0030, Sex = 0x0010_0040, Age = 0x0010_1010,
        IdentityRemoved = 0x0012_0062, Deidentification = 0x0012_0063, DeidentificationCodes = 0x0012_0064, Study = 0x0020_000D,
        Series = 0x0020_000E, StudyId = 0x0020_0010;

    const uint PixelData = 0x7FE0_0010;

    readonly SortedDictionary<uint, (string Vr, byte[] Value, uint? Length)> _elements = [];

    public SourceImage()
    {
        byte[] pixels = new byte[2 * 72 * 96];
        for (int i = 0; i < pixels.Length / 2; i++)
            BitConverter.TryWriteBytes(pixels.AsSpan(2 * i), (ushort)(i * 37 % 4096));
        Text(0x0008_0008, "CS", @"ORIGINAL\PRIMARY").Text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.1.1")
            .Text(0x0008_0018, "UI", "1.2.826.77.3").Text(0x0008_0020, "DA", "20200125").Text(StudyTime, "TM", "104702.826")
            .Text(Accession, "SH", "A-17").Text(0x0008_0060, "CS", "DX").Text(Referring, "PN", "Refer^Ring")
            .Text(PatientName, "PN", "Doe^Jane").Text(PatientId, "LO", "4711").Text(BirthDate, "DA", "19700102").Text(Sex, "CS", "F")
            .Text(Age, "AS", "050Y").Text(0x0018_0015, "CS", "CHEST").Text(Study, "UI", "1.2.826.77.1").Text(Series, "UI", "1.2.826.77.2")
            .Text(StudyId, "SH", "S1").Text(0x0020_0011, "IS", "1").Text(0x0020_0013, "IS", "1").Text(0x0020_0020, "CS", @"L\F")
            .Short(0x0028_0002, 1).Text(0x0028_0004, "CS", "MONOCHROME2").Short(0x0028_0010, 72).Short(0x0028_0011, 96)
            .Short(0x0028_0100, 16).Short(0x0028_0101, 12).Short(0x0028_0102, 11).Short(0x0028_0103, 0)
            .Bytes(PixelData, "OW", pixels);
    }

    public SourceImage Text(uint tag, string vr, string value) => Bytes(tag, vr, Encoding.ASCII.GetBytes(value));

    public SourceImage Bytes(uint tag, string vr, byte[] value, uint? length = null)
    {
        _elements[tag] = (vr, value.Length % 2 == 0 ? value : [.. value, vr == "UI" ? (byte)0 : (byte)' '], length);
        return this;
    }

    /// <summary>Makes it a picture of two frames.</summary>
    public SourceImage Twice() =>
        Text(0x0028_0008, "IS", "2").Bytes(PixelData, "OW", [.. _elements[PixelData].Value, .. _elements[PixelData].Value]);

    public SourceImage Without(params uint[] tags)
    {
        foreach (uint tag in tags)
            _elements.Remove(tag);
        return this;
    }

    /// <summary>The file, in one of the three plain transfer syntaxes or deflated.</summary>
    public byte[] File(string transferSyntax = "1.2.840.10008.1.2.1")
    {
        bool isBigEndian = transferSyntax.EndsWith(".1.2.2", StringComparison.Ordinal);
        DicomWriter writer = new(isImplicit: transferSyntax.EndsWith("8.1.2", StringComparison.Ordinal), isBigEndian);
        foreach ((uint tag, (string vr, byte[] value, uint? length)) in _elements)
        {
            if (vr == "US")
                writer.Short(tag, BitConverter.ToUInt16(value));
            else
                writer.Bytes(tag, vr, value, length);
        }
        return DicomWriter.File(transferSyntax, writer.DataSet());
    }

    public SourceImage Short(uint tag, int value) => Bytes(tag, "US", BitConverter.GetBytes((ushort)value));
}
