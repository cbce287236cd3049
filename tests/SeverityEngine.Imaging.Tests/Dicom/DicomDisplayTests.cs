using System.Runtime.InteropServices;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Dicom;

/// <summary>Windows and tables, against what pydicom makes of the same files (tests/fixtures/dicom/make_dicom.py).</summary>
public class DicomDisplayTests
{
    static string Folder => Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "dicom", "display");

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Folder, "*.dcm").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    static XRayImage Decode(byte[] file, DicomVoi voi) => XRayImage.Decode(file, "x.dcm", dicom: new DicomOptions { Voi = voi });

    static ushort[] Words(XRayImage image) => MemoryMarshal.Cast<byte, ushort>(image.Pixels.Data).ToArray();

    [Theory]
    [MemberData(nameof(Files))]
    public void A_window_or_a_table_maps_pixels_as_for_pydicom(string name)
    {
        float[] expected = Npy<float>.Load(Path.Combine(Folder, name + ".npy")).Values;
        byte[] file = File.ReadAllBytes(Path.Combine(Folder, name + ".dcm"));
        using XRayImage image = Decode(file, DicomVoi.Window);
        Assert.Equal((16, 65535, expected.Length), (image.BitsPerSample, image.MaxValue, image.Width * image.Height));
        Assert.DoesNotContain(image.Warnings, w => !w.Contains("signed", StringComparison.Ordinal));
        ushort[] pixels = Words(image);
        for (int i = 0; i < pixels.Length; i++)
            Assert.Equal(expected[i] * 65535.0, pixels[i], 0.51);
        using XRayImage automatic = Decode(file, DicomVoi.Auto);
        Assert.Equal(pixels, Words(automatic));
    }

    [Theory]
    [InlineData("MONOCHROME1")]
    [InlineData("MONOCHROME2")]
    public void Without_window_and_table_the_values_stay_or_are_spread(string photometric)
    {
        byte[] file = new DicomWriter().Picture(3, 1, 12, photometric).Pixels([1000, 1500, 2000]).File("1.2.840.10008.1.2.1");
        using XRayImage plain = Decode(file, DicomVoi.None), window = Decode(file, DicomVoi.Window), spread = Decode(file, DicomVoi.Auto);
        Assert.Equal(Words(plain), Words(window));
        Assert.Equal(4095, window.MaxValue);
        Assert.Contains(window.Warnings, w => w.Contains("scored without", StringComparison.Ordinal));
        Assert.DoesNotContain(plain.Warnings, w => w.Contains("scored without", StringComparison.Ordinal));
        Assert.Equal(photometric == "MONOCHROME1" ? [65535, 32768, 0] : [0, 32768, 65535], Words(spread));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("none")]
    [InlineData("")]
    public void A_window_that_is_none_is_not_applied_and_said(string width)
    {
        byte[] file = new DicomWriter().Picture(2, 1).Text(0x0028_1050, "DS", "2048").Text(0x0028_1051, "DS", width)
            .Pixels([0, 4095]).File("1.2.840.10008.1.2.1");
        using XRayImage image = Decode(file, DicomVoi.Window);
        Assert.Contains(image.Warnings, w => w.Contains("scored without", StringComparison.Ordinal));
        Assert.Equal([0, 4095], Words(image));
    }

    [Theory]
    [InlineData(4096, 12, 8000)]
    [InlineData(256, 8, 255)]
    [InlineData(0, 16, 131070)]
    [InlineData(256, 7, 512)]
    [InlineData(256, 17, 512)]
    public void A_table_that_is_not_whole_is_refused(int entries, int bits, int bytes)
    {
        byte[] item = new DicomWriter()
            .Bytes(0x0028_3002, "US", [(byte)entries, (byte)(entries >> 8), 0, 0, (byte)bits, 0])
            .Bytes(0x0028_3006, "OW", new byte[bytes]).DataSet();
        byte[] sequence = new DicomWriter().Bytes(0xFFFE_E000, "", item).DataSet();
        byte[] file = new DicomWriter().Picture(2, 1).Bytes(0x0028_3010, "SQ", sequence).Pixels([0, 4095]).File("1.2.840.10008.1.2.1");
        SeverityException e = Assert.Throws<SeverityException>(() => Decode(file, DicomVoi.Window).Dispose());
        Assert.Equal(SeverityError.ImageCorrupt, e.Code);
        Assert.Contains("(0028,3010)", e.Message, StringComparison.Ordinal);
        using XRayImage plain = Decode(file, DicomVoi.None);
        Assert.Equal([0, 4095], Words(plain));
    }
}
