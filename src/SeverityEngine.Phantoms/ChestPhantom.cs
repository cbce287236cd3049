using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Encoders;
using SeverityEngine.IO;
using SeverityEngine.Phantoms.Drawing;

namespace SeverityEngine.Phantoms;

/// <summary>
/// Draws a synthetic frontal chest X-ray of a chosen severity from a seed: for trying things out where no patient's image may be used. The
/// same values give the same pixels on every machine.
/// </summary>
/// <remarks>It is a drawing, not a simulation: no measure of a model's quality.</remarks>
/// <example>
/// <code>
/// new ChestPhantom { Seed = 7, GeographicExtent = 5 }.Save("phantom.png");
/// </code>
/// </example>
public sealed record ChestPhantom
{
    /// <summary>What its files say that they are, so that no other picture is replaced by one.</summary>
    internal const string Software = "Severity Engine phantom";

    const int MinSide = 32;

    readonly double? _opacity;

    /// <summary>Chooses the patient, the opacities' places and the noise.</summary>
    public long Seed { get; init; }

    /// <summary>Pixels in a row, 32 to 32,768; 1024 where nothing is said. The chest fills the picture's middle square.</summary>
    public int Width { get; init; } = 1024;

    /// <summary>Rows, 32 to 32,768; 1024 where nothing is said.</summary>
    public int Height { get; init; } = 1024;

    /// <summary>
    /// How much of the lungs is drawn with opacities, 0 to 8: the sum of two lungs' scores, each 0 none, 1 under 25 %, 2 to 50 %, 3 to 75
    /// %, 4 above. A whole score is drawn as the middle of its share: 12.5, 37.5, 62.5 and 87.5 %.
    /// </summary>
    public double GeographicExtent { get; init; }

    /// <summary>
    /// How dense they are, 0 to 6: the sum of two equal lungs, each 0 none, 1 ground glass, 2 consolidation, 3 white-out.
    /// <see cref="UsualOpacity"/> of the extent where nothing is said.
    /// </summary>
    public double Opacity
    {
        get => _opacity ?? UsualOpacity(GeographicExtent);
        init => _opacity = value;
    }

    /// <summary>8, the default, or 16.</summary>
    public int BitsPerSample { get; init; } = 8;

    /// <summary>The opacity that usually comes with an extent.</summary>
    /// <remarks>
    /// Both scores of Cohen et al., Predicting COVID-19 Pneumonia Severity on Chest X-ray with Deep Learning, 2020, are linear in one
    /// number, extent = 0.8705 z + 3.4137 and opacity = 0.5484 z + 2.5536; z is eliminated.
    /// </remarks>
    public static double UsualOpacity(double geographicExtent) =>
        geographicExtent <= 0 ? 0 : Math.Min(6, 2.5535977 + 0.5484423041343689 / 0.8705248236656189 * (geographicExtent - 3.4137437));

    /// <summary>Phantoms of all severities, the same each time: 48 of 512 x 512 pixels, to calibrate or try a model on.</summary>
    public static IEnumerable<ChestPhantom> OfAllSeverities()
    {
        const int Count = 48, Side = 512;
        for (int i = 0; i < Count; i++)
            yield return new ChestPhantom { Seed = i, Width = Side, Height = Side, GeographicExtent = 8.0 * i / (Count - 1) };
    }

    /// <summary>Draws the picture.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: a value outside its range.</exception>
    public XRayImage Render()
    {
        Validate();
        byte[] pixels = FilePool.Rent(Width * Height * (BitsPerSample / 8));
        new PhantomRenderer(this).Render(pixels);
        return new XRayImage(pixels, Width, Height, BitsPerSample, BitsPerSample == 16 ? ushort.MaxValue : byte.MaxValue, "phantom");
    }

    /// <summary>Draws the picture and writes it to a file: .png, or .jpg or .jpeg with 8 bits.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: a value outside its range, another ending, 16 bits
    /// as JPEG; <see cref="SeverityError.FileUnwritable"/>.</exception>
    public void Save(string path)
    {
        Validate();
        if (ImageWriter.FormatOf(path) == PictureFormat.Jpeg && BitsPerSample == 16)
            throw new SeverityException(
                SeverityError.InvalidArgument, $"{path}: JPEG holds 8 bits a sample; name a .png file, or ask for 8 bits");
        using XRayImage image = Render();
        if (BitsPerSample == 16)
            ImageWriter.SaveGray(path, MemoryMarshal.Cast<byte, ushort>(image.Pixels.Data), Width, Height, Software);
        else
            ImageWriter.SaveGray(path, image.Pixels.Data, Width, Height, Software);
    }

    /// <summary>Draws the picture as a JPEG file in memory.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: a value outside its range, 16 bits.</exception>
    public byte[] EncodeJpeg()
    {
        Validate();
        Refuse(BitsPerSample == 16, "JPEG holds 8 bits a sample; ask for 8 bits");
        using XRayImage image = Render();
        using MemoryStream file = new();
        ImageWriter.Write(file, new PixelBlock(image.Pixels.Data, Width, Height, channels: 1, bytesPerSample: 1), PictureFormat.Jpeg);
        return file.ToArray();
    }

    /// <summary>Refuses values that cannot be drawn, as <see cref="Render"/> and <see cref="Save"/> do before they begin.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: a value outside its range.</exception>
    public void Validate()
    {
        ImageLimits limits = ImageLimits.Default;
        Refuse(Width < MinSide || Height < MinSide || Width > limits.MaxSide || Height > limits.MaxSide
            || (long)Width * Height > limits.MaxPixels,
            $"a phantom of {Width} x {Height}: each side must be {MinSide} to {limits.MaxSide} pixels, {limits.MaxPixels} pixels at most");
        Refuse(BitsPerSample is not (8 or 16), $"a phantom with {BitsPerSample} bits a sample; there are 8 and 16");
        Refuse(!(GeographicExtent is >= 0 and <= 8),
            FormattableString.Invariant($"a geographic extent of {GeographicExtent} is outside 0 to 8"));
        Refuse(!(Opacity is >= 0 and <= 6), FormattableString.Invariant($"an opacity of {Opacity} is outside 0 to 6"));
        Refuse(GeographicExtent == 0 != (Opacity == 0),
            FormattableString.Invariant($"an extent of {GeographicExtent} with an opacity of {Opacity}: both must be 0, or neither"));
    }

    static void Refuse(bool when, string message)
    {
        if (when)
            throw new SeverityException(SeverityError.InvalidArgument, message);
    }
}
