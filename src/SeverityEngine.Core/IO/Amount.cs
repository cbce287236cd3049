using System.Globalization;

namespace SeverityEngine.IO;

/// <summary>Amounts as people read them.</summary>
static class Amount
{
    const double Kibi = 1024;

    /// <summary>For example <c>1 row</c>, <c>94 rows</c>.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="one">What one of them is called.</param>
    /// <param name="several">What several are called; null where an s makes it.</param>
    public static string Of(long count, string one, string? several = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : several ?? one + "s")}");

    /// <summary>For example <c>27.1 MiB</c>.</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        < Kibi => string.Create(CultureInfo.InvariantCulture, $"{bytes:0} bytes"),
        < Kibi * Kibi => string.Create(CultureInfo.InvariantCulture, $"{bytes / Kibi:0.0} KiB"),
        < Kibi * Kibi * Kibi => string.Create(CultureInfo.InvariantCulture, $"{bytes / Kibi / Kibi:0.0} MiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / Kibi / Kibi / Kibi:0.00} GiB"),
    };
}
