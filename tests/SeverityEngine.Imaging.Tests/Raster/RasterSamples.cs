using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Raster;

/// <summary>BMP, GIF, TGA and PSD files, which tests/fixtures/images/make_raster_samples.py and make_raster_forms.py make.</summary>
static class RasterSamples
{
    public static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "images");

    /// <summary>Whole files, each beside the channel 0 that it holds.</summary>
    public static string[] Whole { get; } = [.. Names("raster"), .. Names("raster-forms")];

    /// <summary>Files that must be refused, each with the error at the start of its name.</summary>
    public static string[] Refused { get; } = Names("raster-refused");

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    static string[] Names(string folder) => [.. Directory.EnumerateFiles(Path.Combine(Folder, folder))
        .Where(f => !f.EndsWith(".npy", StringComparison.Ordinal)).Select(f => Path.GetRelativePath(Folder, f))
        .Order(StringComparer.Ordinal)];
}
