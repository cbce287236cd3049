using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Jpeg;

/// <summary>What make_jpeg_samples.py wrote.</summary>
static class JpegSamples
{
    static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "images", "jpeg");

    public static IEnumerable<string> Names { get; } =
        [.. Directory.GetFiles(Folder, "*.jpg").Select(f => Path.GetFileNameWithoutExtension(f)).Order()];

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name + ".jpg"));

    /// <summary>Channel 0 as Pillow decodes it.</summary>
    public static XRayImage Expected(string name) => XRayImage.Load(Path.Combine(Folder, name + ".png"));

    public static void AssertExpected(string name, XRayImage image)
    {
        using XRayImage expected = Expected(name);
        Assert.Equal((expected.Width, expected.Height), (image.Width, image.Height));
        Assert.Equal(expected.Pixels.Data, image.Pixels.Data);
    }

    /// <summary>Where a marker's first occurrence stands.</summary>
    public static int Find(byte[] file, int marker) => file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, (byte)marker]);

    public static byte[] Insert(byte[] file, int at, params ReadOnlySpan<byte> bytes) => [.. file[..at], .. bytes, .. file[at..]];

    public static byte[] Remove(byte[] file, int at, int count) => [.. file[..at], .. file[(at + count)..]];
}
