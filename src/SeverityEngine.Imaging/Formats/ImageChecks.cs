namespace SeverityEngine.Imaging.Formats;

/// <summary>What is checked on a header, before memory is taken.</summary>
static class ImageChecks
{
    /// <summary>The most pixels that any limits allow: color, in three bytes a pixel while it is read, fits one array.</summary>
    const int MostPixels = int.MaxValue / 4;

    /// <exception cref="SeverityException"><see cref="SeverityError.ImageCorrupt"/> for an empty image, <see
    /// cref="SeverityError.ImageTooLarge"/>.</exception>
    public static void Dimensions(long width, long height, string name, ImageLimits limits)
    {
        if (width < 1 || height < 1)
            throw Corrupt(name, $"its header says {width} x {height} pixels");
        if (width > limits.MaxSide || height > limits.MaxSide)
        {
            throw new SeverityException(SeverityError.ImageTooLarge,
                $"{name}: {width} x {height} pixels; a side may have {limits.MaxSide}; "
                + "make the image smaller, or raise the limit (--max-side)");
        }
        if (width * height > Math.Min(limits.MaxPixels, MostPixels))
        {
            throw new SeverityException(SeverityError.ImageTooLarge,
                $"{name}: {width} x {height} pixels are more than {Math.Min(limits.MaxPixels, MostPixels)}; "
                + (limits.MaxPixels < MostPixels ? "make the image smaller, or raise the limit (--max-pixels)" : "make the image smaller"));
        }
    }

    /// <summary>Refuses data that are too short to hold what the header claims, so that a few bytes can't ask for much memory.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.ImageTruncated"/>.</exception>
    public static void Holds(long present, long needed, string name)
    {
        if (present < needed)
            throw Truncated(name, $"its header asks for at least {needed} bytes of data and {present} are there");
    }

    public static SeverityException Truncated(string name, string fault) =>
        new(SeverityError.ImageTruncated, $"{name}: the image is cut short: {fault}; copy or export it again");

    public static SeverityException Corrupt(string name, string fault, Exception? cause = null) =>
        new(SeverityError.ImageCorrupt, $"{name}: the image is damaged: {fault}; copy or export it again", cause);

    /// <param name="name">The file.</param>
    /// <param name="what">What it is.</param>
    /// <param name="convert">Whether converting it is the remedy; else <paramref name="what"/> has one.</param>
    public static SeverityException Unsupported(string name, string what, bool convert = true) =>
        new(SeverityError.ImageFormatUnsupported, convert ? $"{name}: {what}; convert it to PNG" : $"{name}: {what}");
}
