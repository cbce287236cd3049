using System.Text;
using SeverityEngine.Imaging.Dicom;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Dicom;

/// <summary>What names and first bytes tell of files in folders and archives.</summary>
public class DicomStartTests
{
    const string Implicit = "1.2.840.10008.1.2", Explicit = Implicit + ".1", DirectoryClass = "1.2.840.10008.1.3.10";

    static byte[] Image(bool isImplicit = false) => new DicomWriter(isImplicit).Picture(4, 4).Pixels(new ushort[16]).DataSet();

    static byte[] Behind(byte[] meta, byte[] data) => [.. new byte[128], .. "DICM"u8, .. meta, .. data];

    static DicomStart Tell(byte[] file) => DicomFile.Tell(file.AsSpan(0, Math.Min(file.Length, 4096)));

    [Fact]
    public void An_image_is_told_in_every_form()
    {
        foreach (bool isImplicit in (bool[])[false, true])
        {
            byte[] data = Image(isImplicit);
            byte[] first = new DicomWriter(isImplicit).Text(0x0008_0008, "CS", new string('A', 1000)).DataSet();
            byte[] large = [.. first, .. data, .. new byte[9000]];
            foreach (byte[] file in (byte[][])[data, large, [.. "DICM"u8, .. data], Behind([], data),
                new DicomWriter(isImplicit).Picture(4, 4).File(isImplicit ? Implicit : Explicit)])
                Assert.Equal(DicomStart.File, Tell(file));
        }
        // A meta header that goes on behind the bytes that are looked at.
        byte[] meta = new DicomWriter().Text(0x0002_0002, "UI", "1.2.840.10008.5.1.4.1.1.1\0").Bytes(0x0002_0102, "OB", new byte[8000])
            .DataSet();
        Assert.Equal(DicomStart.File, Tell(Behind(meta, Image())));
    }

    [Fact]
    public void A_DICOMDIR_is_told_by_its_meta_header_or_its_data_set_and_refused_as_such()
    {
        byte[] data = new DicomWriter().Text(0x0004_1130, "CS", "MEDIUM").Bytes(0x0004_1220, "SQ", []).DataSet();
        byte[] syntax = new DicomWriter().Text(0x0002_0010, "UI", Explicit + "\0").DataSet();
        byte[] named = [.. new DicomWriter().Text(0x0002_0002, "UI", DirectoryClass).DataSet(), .. syntax];
        byte[] cut = [.. named, .. new DicomWriter().Bytes(0x0002_0102, "OB", new byte[8000]).DataSet()];
        foreach (byte[] file in (byte[][])[Behind(named, data), Behind(syntax, data), Behind(cut, data), [.. "DICM"u8, .. named, .. data]])
        {
            Assert.Equal(DicomStart.Directory, Tell(file));
            SeverityException e = Assert.Throws<SeverityException>(() => XRayImage.Decode(file, "DICOMDIR").Dispose());
            Assert.Equal(SeverityError.ImageFormatUnsupported, e.Code);
            Assert.Contains("a DICOMDIR, the list of a medium's files", e.Message);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("DIC")]
    [InlineData("Read me first: the viewer starts by itself.")]
    [InlineData("MZ\u0090\0\u0003\0\0\0\u0004\0\0\0")]
    [InlineData("\u0008\0\u0018\0\u00FF\u00FF\u00FF\u00FF and then no element")]
    [InlineData("\u0002\0\u0001\u0001OB\0\0")]
    public void Other_files_are_told(string start) => Assert.Equal(DicomStart.None, Tell(Encoding.Latin1.GetBytes(start)));

    [Fact]
    public void No_prefix_and_no_damage_ends_in_anything_but_an_answer()
    {
        byte[] file = new DicomWriter().Picture(4, 4).Pixels(new ushort[16]).File(Explicit);
        for (int length = 0; length <= file.Length; length++)
            Assert.Equal(length < 132 ? DicomStart.None : DicomStart.File, Tell(file[..length]));
        Random random = new(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] damaged = [.. file[..random.Next(1, file.Length)]];
            for (int changes = random.Next(1, 6); changes > 0; changes--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Assert.True(Enum.IsDefined(Tell(damaged)));
        }
    }

    [Fact]
    public void Real_files_are_told_by_their_first_bytes()
    {
        string[] files = Directory.GetFiles(TestData.Get("dicom-real"), "*.dcm");
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            byte[] whole = File.ReadAllBytes(file);
            DicomStart expected = ImageFormats.Recognize(whole)?.Name == "DICOM" ? DicomStart.File : DicomStart.None;
            Assert.True(expected == Tell(whole), file);
        }
    }

    [Theory]
    [InlineData("IM000001", "Nothing")]
    [InlineData("DICOM/S0001/I0001", "Nothing")]
    [InlineData("I0001.", "Nothing")]
    [InlineData("IM.0001", "Nothing")]
    [InlineData("a.b/1.2.840.113619.2.5.17", "Nothing")]
    [InlineData("a/x.PNG", "Image")]
    [InlineData("x.1.dcm", "Image")]
    [InlineData("x.png.txt", "Other")]
    [InlineData("x.1a", "Other")]
    [InlineData("._IM000001", "Hidden")]
    [InlineData("a/.x.png", "Hidden")]
    [InlineData("a/", "Hidden")]
    public void Names_tell_images_other_files_and_nothing(string name, string tells) => Assert.Equal(tells, $"{ImageNames.Tell(name)}");
}
