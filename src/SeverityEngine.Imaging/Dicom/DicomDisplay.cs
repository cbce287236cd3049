using System.Runtime.InteropServices;

namespace SeverityEngine.Imaging.Dicom;

/// <summary>
/// What a display would show of stored values: the modality's table or rescaling (PS3.3, C.11.1), then the VOI table or window (C.11.2),
/// then, for MONOCHROME1, turned over. Every stored value is mapped once, and pixels are looked up.
/// </summary>
static class DicomDisplay
{
    /// <summary>Full white of what was mapped.</summary>
    public const int Largest = ushort.MaxValue;

    /// <summary>Whether a file's own settings are asked for, and it has some.</summary>
    public static bool Applies(DicomHeader header, DicomVoi voi) =>
        voi == DicomVoi.Auto || voi == DicomVoi.Window && (header.WindowTables is not null || HasWindow(header));

    /// <summary>Fills a table with what each pixel becomes.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="header">What it says.</param>
    /// <param name="samples">How its words became the pixels that are looked up, which are not turned over yet.</param>
    /// <param name="used">The smallest and the largest pixel.</param>
    /// <param name="syntax">How the data set is written.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="table">Takes as many entries as there are values of a pixel.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ImageCorrupt"/>: a table that is not whole.</exception>
    public static void Fill(ReadOnlySpan<byte> data, DicomHeader header, DicomSamples samples, (int Least, int Most) used,
        DicomSyntax syntax, string name, Span<ushort> table)
    {
        int offset = header.IsSigned ? 1 << (samples.Bits - 1) : 0;
        bool hasModality = header.ModalityTables is not null;
        DicomTable modality = header.ModalityTables is { } first ? DicomTable.Read(data, first, header.IsSigned, syntax, name) : default;
        // A slope of 0 would make all pixels one.
        double slope = header.RescaleSlope is null or 0 ? 1 : header.RescaleSlope.Value, intercept = header.RescaleIntercept ?? 0;
        bool areSigned = !hasModality && Math.Min(Rescaled(0), Rescaled(table.Length - 1)) < 0;
        bool hasTable = header.WindowTables is not null;
        DicomTable window = header.WindowTables is { } second ? DicomTable.Read(data, second, areSigned, syntax, name) : default;
        bool hasWindow = HasWindow(header);
        for (int i = 0; i < table.Length; i++)
        {
            double value = hasModality ? modality[i - offset] : Rescaled(i);
            double shown = hasTable ? (double)window[value] / window.Largest
                : hasWindow ? Window(value, header.WindowCenter!.Value, header.WindowWidth!.Value, header.WindowFunction)
                : (double)(i - used.Least) / Math.Max(used.Most - used.Least, 1);
            if (header.IsInverted)
                shown = 1 - Math.Clamp(shown, 0, 1);
            table[i] = (ushort)Math.Round(Math.Clamp(shown, 0, 1) * Largest);
        }

        double Rescaled(int pixel) => (pixel - offset) * slope + intercept;
    }

    /// <summary>Looks pixels of 8 or 16 bits up.</summary>
    public static void Map(ReadOnlySpan<byte> pixels, int sampleBytes, ReadOnlySpan<ushort> table, Span<ushort> shown)
    {
        if (sampleBytes == 1)
        {
            for (int i = 0; i < shown.Length; i++)
                shown[i] = table[pixels[i]];
            return;
        }
        ReadOnlySpan<ushort> words = MemoryMarshal.Cast<byte, ushort>(pixels);
        for (int i = 0; i < shown.Length; i++)
            shown[i] = table[words[i]];
    }

    /// <summary>A value in a window, 0 to 1 within it (PS3.3, C.11.2.1.2.1 and C.11.2.1.3).</summary>
    static double Window(double x, double center, double width, string function) => function switch
    {
        "SIGMOID" => 1 / (1 + Math.Exp(-4 * (x - center) / width)),
        "LINEAR_EXACT" => (x - center) / width + 0.5,
        // A width of 1 is a threshold.
        _ when x <= center - 0.5 - (width - 1) / 2 => 0,
        _ when x > center - 0.5 + (width - 1) / 2 => 1,
        _ => (x - (center - 0.5)) / (width - 1) + 0.5,
    };

    static bool HasWindow(DicomHeader header) => header.WindowCenter is not null
        && (header.WindowFunction is "SIGMOID" or "LINEAR_EXACT" ? header.WindowWidth > 0 : header.WindowWidth >= 1);
}
