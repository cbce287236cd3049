using System.Text;
using SeverityEngine.Tests;
using static SeverityEngine.Tests.SourceImage;

namespace SeverityEngine.Dicom.Tests;

/// <summary>Results are valid to dicom3tools and DCMTK, whatever their sources hold.</summary>
public class ValidityTests
{
    const string Implicit = "1.2.840.10008.1.2", Explicit = Implicit + ".1", BigEndian = Implicit + ".2", Deflated = Explicit + ".99";

    static readonly Dictionary<string, Func<byte[]>> s_sources = new()
    {
        ["Latin 1"] = () => new SourceImage().Text(CharacterSet, "CS", "ISO_IR 100")
            .Bytes(PatientName, "PN", Encoding.Latin1.GetBytes("Müller^Jörg")).File(),
        ["UTF-8"] = () => new SourceImage().Text(CharacterSet, "CS", "ISO_IR 192")
            .Bytes(PatientName, "PN", "Иванова^Анна=山田"u8.ToArray()).Bytes(StudyId, "SH", "Приём 7"u8.ToArray()).File(Implicit),
        ["Japanese"] = () => new SourceImage().Text(CharacterSet, "CS", @"\ISO 2022 IR 87")
            .Bytes(PatientName, "PN", Japanese).File(),
        ["invalid values"] = () => new SourceImage().Text(Age, "AS", "62").Text(Accession, "SH", new string('f', 64))
            .Text(BirthDate, "DA", "1970.01.02").Text(StudyTime, "TM", "25:00").Text(Sex, "CS", "FEMALE")
            .Text(StudyId, "SH", "two\\values").Text(0x0020_0020, "CS", "ZYX")
            .Bytes(Referring, "PN", [0xC3, 0xA9, (byte)'^', (byte)'x']).File(BigEndian),
        ["deidentified"] = () => new SourceImage().Text(IdentityRemoved, "CS", "YES").Bytes(DeidentificationCodes, "SQ", Codes).File(),
        ["almost nothing"] = () => new SourceImage().Text(IdentityRemoved, "CS", "YES").Without(
            0x0008_0020, StudyTime, Accession, Referring, PatientName, PatientId, BirthDate, Sex, Age, StudyId, 0x0020_0020).File(Deflated),
    };

    /// <summary>PS3.5's example of a name in kanji, of which JIS X 0208 has two bytes each (annex H.3.1).</summary>
    static byte[] Japanese =>
    [
        .. "Yamada^Tarou="u8, 0x1B, .. "$B;3ED"u8, 0x1B, .. "(B^"u8, 0x1B, .. "$BB@O:"u8, 0x1B, .. "(B"u8,
    ];

    /// <summary>Two codes of PS3.16, CID 7050, with something planted beside.</summary>
    static byte[] Codes => new DicomWriter()
        .Item(Code("113100", "Basic Application Confidentiality Profile")).Item(Code("113105", "Clean Descriptors Option")).DataSet();

    public static TheoryData<string> Sources => [.. s_sources.Keys];

    /// <summary>Real files of several vendors.</summary>
    public static TheoryData<string> RealFiles =>
        ["xrv-rsna-chest", "canon-chest-j2kr", "wg04-rg1-chest-j2ki", "highdicom-dx-thorax", "cr-mono1-10-chest-bare", "q-burned-in"];

    static byte[] Code(string value, string meaning) => new DicomWriter().Text(0x0008_0100, "SH", value)
        .Text(0x0008_0102, "SH", "DCM").Text(0x0008_0104, "LO", meaning).Text(0x0008_010B, "CS", "N").DataSet();

    [Theory]
    [MemberData(nameof(Sources))]
    public void Results_of_made_files_are_valid(string source)
    {
        byte[] file = s_sources[source]();
        AssertValid(file);
        Assert.Equal(Dump.Values(file, "0010,0010"), source == "almost nothing" ? [] : Dump.Values(Scored.Report(file), "0010,0010"));
    }

    [Theory]
    [MemberData(nameof(RealFiles))]
    public void Results_of_real_files_are_valid(string name)
    {
        byte[] file = File.ReadAllBytes(TestData.Get("dicom-real", $"{name}.dcm"));
        AssertValid(file);
    }

    [Fact]
    public void A_report_follows_TID_1500_to_PixelMed()
    {
        const string Jar = "/usr/share/java/pixelmed.jar";
        Assert.SkipUnless(File.Exists(Jar), $"{Jar} is not there (Debian: libpixelmed-java)");
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["x.dcm"], Scored.Report(new SourceImage().File()));
        // Its rules are one large style sheet.
        string said = Dump.Run("java", "-Djdk.xml.xpathExprOpLimit=0", "-Djdk.xml.xpathTotalOpLimit=0",
            "-Djdk.xml.xpathExprGrpLimit=0", "-cp", "/usr/share/java/*",
            "com.pixelmed.validate.DicomSRValidator", folder["x.dcm"]).Text;
        Assert.Contains("Found Root Template TID_1500", said, StringComparison.Ordinal);
        Assert.Contains("IOD validation complete", said, StringComparison.Ordinal);
        // It takes each uncertainty for TID 1419's numbers that are inferred too, though it knows it as TID 310's.
        Assert.All(said.Split('\n').Where(line => line.StartsWith("Error", StringComparison.Ordinal)),
            line => Assert.EndsWith("expected INFERRED FROM - found HAS PROPERTIES", line.TrimEnd(), StringComparison.Ordinal));
    }

    static void AssertValid(byte[] file)
    {
        using TemporaryFolder folder = new();
        string source = folder["source.dcm"], report = folder["report.dcm"], capture = folder["capture.dcm"];
        File.WriteAllBytes(source, file);
        File.WriteAllBytes(report, Scored.Report(file));
        File.WriteAllBytes(capture, Scored.Capture(file));
        foreach (string result in (string[])[report, capture])
        {
            string said = Dump.Run("dciodvfy", "-new", result).Text;
            Assert.DoesNotContain("Error", said, StringComparison.Ordinal);
            Assert.Contains(result == report ? "Comprehensive3DSR" : "SCImage", said, StringComparison.Ordinal);
        }
        string tree = Dump.Run("dsrdump", report).Text;
        Assert.Contains("\"Geographic extent (0-8)\")=\"", tree, StringComparison.Ordinal);
        Assert.DoesNotContain("E: ", tree, StringComparison.Ordinal);
        Assert.DoesNotContain("Error", Dump.Run("dcentvfy", report, capture).Text, StringComparison.Ordinal);
        // Not all sources are files that dcentvfy reads.
        string together = Dump.Run("dcentvfy", source, report, capture).Text;
        if (!together.Contains("read failed", StringComparison.Ordinal))
            Assert.DoesNotContain("Error", together, StringComparison.Ordinal);
    }
}
