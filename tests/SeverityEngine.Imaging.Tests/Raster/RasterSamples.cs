using SeverityEngine.Tests;

namespace SeverityEngine.Imaging.Tests.Raster;

/// <summary>
/// BMP, GIF, TGA, PSD, PGM, PPM and TIFF files, which make_raster_samples.py, make_raster_forms.py, make_pnm_samples.py and
/// make_tiff_samples.py make beside them in tests/fixtures/images.
/// </summary>
static class RasterSamples
{
    public static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "images");

    /// <summary>Whole files, each beside the channel 0 that it holds.</summary>
    public static string[] Whole { get; } = [.. Names("raster"), .. Names("raster-forms"), .. Names("pnm"), .. Names("tiff")];

    /// <summary>Files that must be refused, each with the error at the start of its name.</summary>
    public static string[] Refused { get; } = [.. Names("raster-refused"), .. Names("pnm-refused"), .. Names("tiff-refused")];

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    static string[] Names(string folder) => [.. Directory.EnumerateFiles(Path.Combine(Folder, folder))
        .Where(f => !f.EndsWith(".npy", StringComparison.Ordinal)).Select(f => Path.GetRelativePath(Folder, f))
        .Order(StringComparer.Ordinal)];
}
