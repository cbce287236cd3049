using System.Text;
using SeverityEngine.Dicom.Writing;
using SeverityEngine.Tests;
using static SeverityEngine.Tests.SourceImage;

namespace SeverityEngine.Dicom.Tests;

/// <summary>What results take from their sources, what they do not, and by which UIDs they are known.</summary>
public class IdentityTests
{
    [Fact]
    public void Nothing_but_the_listed_attributes_is_copied()
    {
        // In attributes that are not copied, in private ones, in sequences, and in ones that are copied but at another level.
        byte[] nested = new DicomWriter().Item(new DicomWriter().Text(PatientName, "PN", "Planted^Inside")
            .Text(0x0012_0063, "LO", "planted method").DataSet()).DataSet();
        SourceImage image = new SourceImage()
            .Text(0x0008_0080, "LO", "planted hospital").Text(0x0008_1010, "SH", "planted room").Text(0x0008_1070, "PN", "Planted^Operator")
            .Text(0x0008_0070, "LO", "planted maker").Text(0x0010_1001, "PN", "Planted^Other").Text(0x0010_1040, "LO", "planted street")
            .Text(0x0010_4000, "LT", "planted comment").Text(0x0018_1000, "LO", "planted serial")
            .Text(0x0018_1030, "LO", "planted protocol")
            .Text(0x0020_4000, "LT", "planted note").Text(0x0029_0010, "LO", "PLANTED OWNER").Text(0x0029_1001, "LO", "planted secret")
            .Bytes(0x0008_1120, "SQ", nested).Bytes(0x0040_0275, "SQ", nested).Bytes(0x0008_103E, "LO", "planted series"u8.ToArray());
        foreach (byte[] result in (byte[][])[Scored.Report(image.File()), Scored.Capture(image.File())])
        {
            string text = Dump.Bytes(result);
            Assert.DoesNotContain("planted", text, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(["Doe^Jane"], Dump.Values(result, "0010,0010"));
            Assert.Equal(["4711"], Dump.Values(result, "0010,0020"));
        }
    }

    [Fact]
    public void Texts_keep_their_bytes_and_their_character_set()
    {
        byte[] name = Encoding.Latin1.GetBytes("Müller^Jörg");
        byte[] latin = Scored.Report(new SourceImage().Text(CharacterSet, "CS", "ISO_IR 100").Bytes(PatientName, "PN", name).File());
        Assert.Equal(["ISO_IR 100"], Dump.Values(latin, "0008,0005"));
        Assert.Contains("Müller^Jörg", Dump.Bytes(latin), StringComparison.Ordinal);
        byte[] utf8 = "Иванова^Анна"u8.ToArray();
        byte[] cyrillic = Scored.Report(new SourceImage().Text(CharacterSet, "CS", "ISO_IR 192").Bytes(PatientName, "PN", utf8).File());
        Assert.Equal(["ISO_IR 192"], Dump.Values(cyrillic, "0008,0005"));
        Assert.Contains(Dump.Bytes(utf8), Dump.Bytes(cyrillic), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "M\u00fcller", false)]
    [InlineData("ISO_IR 100", "M\u00fcller", true)]
    [InlineData("ISO_IR 999", "M\u00fcller", false)]
    [InlineData("ISO_IR 999", "Miller", true)]
    [InlineData("ISO_IR 192", "M\u00fcller", false)]
    [InlineData("ISO_IR 100", "two\nlines", false)]
    [InlineData("GB18030", "\u00d5\u005c^x", true)]
    [InlineData("GB18030", "x\u00d5", false)]
    [InlineData(@"\ISO 2022 IR 87", "\u001b$B;3", false)]
    [InlineData(@"\ISO 2022 IR 87", "a=\u001b$B;\u005c^=\u001b(B", true)]
    [InlineData(@"\ISO 2022 IR 149", "Hong=\u001b$)C\u00fb\u00f3", true)]
    [InlineData("ISO 2022 IR 13", "\u00d4\u00cf", true)]
    [InlineData("ISO 2022 IR 100", "\u001b!x", false)]
    public void Text_that_is_none_of_its_character_set_is_left_away(string characterSet, string latin1, bool isKept)
    {
        byte[] name = Encoding.Latin1.GetBytes(latin1);
        byte[] file = new SourceImage().Text(CharacterSet, "CS", characterSet).Bytes(PatientName, "PN", name).File();
        string text = Dump.Bytes(Scored.Report(file));
        Assert.Equal(isKept, text.Contains(latin1, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Age, "AS", "062Y", true)]
    [InlineData(Age, "AS", "62", false)]
    [InlineData(0x0010_1030u, "DS", "70.5", true)]
    [InlineData(0x0010_1030u, "DS", "70,5", false)]
    [InlineData(0x0008_1030u, "LO", "Chest, one view", true)]
    [InlineData(0x0010_0021u, "LO", "two\\values", false)]
    [InlineData(IdentityRemoved, "CS", "NO", true)]
    [InlineData(IdentityRemoved, "CS", "MAYBE", false)]
    public void An_optional_attribute_is_there_where_its_value_is_sound(uint tag, string vr, string value, bool isThere)
    {
        string spelled = $"{tag >> 16:x4},{tag & 0xFFFF:x4}";
        Assert.Equal(isThere ? [value] : [], Dump.Values(Scored.Report(new SourceImage().Text(tag, vr, value).File()), spelled));
    }

    [Theory]
    [InlineData(BirthDate, "DA", "19700230")]
    [InlineData(StudyTime, "TM", "25")]
    [InlineData(Sex, "CS", "FEMALE")]
    [InlineData(Accession, "SH", "more than sixteen characters")]
    [InlineData(PatientName, "PN", "a^b^c^d^e^f")]
    public void A_required_attribute_is_empty_where_its_value_is_not_sound(uint tag, string vr, string value)
    {
        string spelled = $"{tag >> 16:x4},{tag & 0xFFFF:x4}";
        Assert.Equal(["(no value available)"], Dump.Values(Scored.Report(new SourceImage().Text(tag, vr, value).File()), spelled));
    }

    [Theory]
    [InlineData(@"L\F", true)]
    [InlineData(@"AR\HFP", false)]
    [InlineData(@"PLH\AF", true)]
    [InlineData(@"L\L", true)]
    [InlineData(@"LR\F", false)]
    [InlineData(@"LL\F", false)]
    [InlineData(@"\F", false)]
    [InlineData("L", false)]
    [InlineData(@"L\F\H", false)]
    [InlineData("ZYX", false)]
    public void A_pictures_orientation_is_kept_where_it_names_directions(string value, bool isKept)
    {
        byte[] capture = Scored.Capture(new SourceImage().Text(0x0020_0020, "CS", value).File());
        Assert.Equal([isKept ? value : "(no value available)"], Dump.Values(capture, "0020,0020"));
    }

    [Fact]
    public void Results_of_one_input_are_one_and_of_another_are_others()
    {
        byte[] file = new SourceImage().File(), other = new SourceImage().Text(PatientId, "LO", "4712").File();
        DicomSource source = DicomSource.Read(file);
        Prediction prediction = Scored.Predict(file);
        string sha256 = Scored.Model.Sha256;
        string[] uids =
        [
            Uid(DicomReport.Encode(source, prediction, sha256)),
            Uid(DicomSaliency.Encode(source, prediction, sha256)),
            Uid(DicomSaliency.Encode(source, prediction, sha256, end: 1e-8f)),
            Uid(DicomReport.Encode(source, prediction, sha256[..60] + "0000")),
            Uid(DicomReport.Encode(DicomSource.Read(other), Scored.Predict(other), sha256)),
            Uid(DicomReport.Encode(DicomSource.Read(file, dicom: new DicomOptions { Voi = DicomVoi.Auto }), prediction, sha256)),
        ];
        Assert.Equal(uids.Length, uids.Distinct().Count());
        Assert.Equal(uids[0], Uid(DicomReport.Encode(source, prediction, sha256)));
        Assert.Equal(uids[1], Uid(DicomSaliency.Encode(source, prediction, sha256)));
        Assert.All(uids, uid => Assert.Matches(@"^2\.25\.[1-9][0-9]{1,38}$", uid));

        static string Uid(byte[] result) => Dump.Values(result, "0008,0018").Single();
    }

    [Fact]
    public void A_derived_uid_is_a_uuid_of_version_8()
    {
        UInt128 uuid = UInt128.Parse(ResultUid.Derive("a", "b")["2.25.".Length..]);
        // Python: hashlib.sha256(b'a\nb').hexdigest()[:32], with version and variant set.
        Assert.Equal("7e18f737311b2dc3b2f269dd78396b03"[..12], $"{uuid:x32}"[..12]);
        Assert.Equal('8', $"{uuid:x32}"[12]);
        Assert.Contains($"{uuid:x32}"[16], "89ab");
        Assert.NotEqual(ResultUid.Derive("a", "b"), ResultUid.Derive("a b"));
    }

    [Theory]
    [InlineData(Study, "StudyInstanceUID (0020,000D)")]
    [InlineData(Series, "SeriesInstanceUID (0020,000E)")]
    [InlineData(0x0008_0018u, "SOPInstanceUID (0008,0018)")]
    [InlineData(0x0008_0016u, "SOPClassUID (0008,0016)")]
    public void A_source_without_a_uid_is_refused(uint tag, string named)
    {
        foreach (byte[] file in (byte[][])[new SourceImage().Without(tag).File(), new SourceImage().Text(tag, "UI", "not-a-uid").File()])
        {
            SeverityException e = Assert.Throws<SeverityException>(() => DicomSource.Read(file, "x.dcm"));
            Assert.Equal(SeverityError.ImageFormatUnsupported, e.Code);
            Assert.StartsWith($"x.dcm: its {named} is missing or no UID", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_no_dicom_file_is_refused()
    {
        byte[] png = File.ReadAllBytes(Path.Combine(TestData.RepositoryRoot, "tests", "samples", "clear.png"));
        SeverityException e = Assert.Throws<SeverityException>(() => DicomSource.Read(png, "x.png"));
        Assert.Equal(SeverityError.ImageFormatUnsupported, e.Code);
        Assert.StartsWith("x.png: is no DICOM file", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_is_known_by_its_first_bytes_and_other_files_are_not()
    {
        byte[] file = new SourceImage().File(), report = Scored.Report(file), capture = Scored.Capture(file);
        Assert.True(ResultKind.Report.IsKind(report) && ResultKind.Capture.IsKind(capture));
        Assert.False(ResultKind.Report.IsKind(capture) || ResultKind.Capture.IsKind(report) || ResultKind.Report.IsKind(file));
        Assert.False(ResultKind.Report.IsKind([]) || ResultKind.Report.IsKind(report.AsSpan(0, 140)));
    }
}
