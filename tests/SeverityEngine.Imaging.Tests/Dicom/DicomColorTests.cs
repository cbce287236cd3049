using System.Security.Cryptography;
using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Dicom;

/// <summary>What make_color_samples.py wrote: JPEGs of three components that say what these are, or do not.</summary>
public class DicomColorTests
{
    const int Width = 24, Height = 18;

    static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "dicom-color");

    public static TheoryData<string, string, string> Expected =>
        [.. File.ReadAllLines(Path.Combine(Folder, "expected.txt")).Select(line => line.Split(' ')).Select(f => (f[0], f[1], f[2]))];

    [Theory]
    [MemberData(nameof(Expected))]
    public void Red_of_a_JPEG_is_what_dcmtk_reads(string name, string photometric, string sha256)
    {
        byte[] file = new DicomWriter().Picture(Width, Height, 8, photometric, 8, 3)
            .Compressed(File.ReadAllBytes(Path.Combine(Folder, name + ".jpg"))).File(DicomForm.Jpeg);
        using XRayImage image = XRayImage.Decode(file, name);
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(image.Pixels.Data)));
    }
}
