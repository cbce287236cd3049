using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Tiff;

/// <summary>What a TIFF's samples mean (TIFF 6.0, PhotometricInterpretation), of those that are read.</summary>
enum TiffColor
{
    WhiteIsZero = 0,
    BlackIsZero = 1,
    Rgb = 2,
    Palette = 3,

    /// <summary>Luma and chroma: in JPEG alone.</summary>
    YCbCr = 6,
}

/// <summary>How a TIFF's samples are compressed, of those forms that are read.</summary>
enum TiffCompression
{
    None = 1,
    Lzw = 5,
    Jpeg = 7,
    Deflate = 8,
    PackBits = 32_773,
    OldDeflate = 32_946,
}

/// <summary>What a page's fields say of its samples, checked.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Color">What samples mean.</param>
/// <param name="Bits">Bits a sample.</param>
/// <param name="Samples">Samples a pixel, those beyond its color included.</param>
/// <param name="Compression">How they are compressed.</param>
/// <param name="HasPlanes">Whether each sample of a pixel has strips or tiles of its own.</param>
/// <param name="HasDifferences">Whether a sample is stored as its difference from the one before it.</param>
/// <param name="Orientation">How the picture is to be turned, 1 to 8; 1 for as it is.</param>
readonly record struct TiffPicture(int Width, int Height, TiffColor Color, int Bits, int Samples, TiffCompression Compression,
    bool HasPlanes, bool HasDifferences, int Orientation)
{
    /// <summary>Beyond color and alpha, more than pictures have.</summary>
    const int MostSamples = 16;

    /// <summary>Samples of a pixel that are its color, or its place in the palette.</summary>
    public int Channels => Color is TiffColor.Rgb or TiffColor.YCbCr ? 3 : 1;

    public bool HasAlpha => Samples > Channels;

    /// <summary>How many sets of strips or tiles there are.</summary>
    public int Planes => HasPlanes ? Samples : 1;

    /// <summary>Samples of a pixel that stand side by side.</summary>
    public int SamplesInPlane => HasPlanes ? 1 : Samples;

    /// <summary>8 or 16.</summary>
    public int OutputBits => Bits > 8 ? 16 : 8;

    /// <summary>The value of full white: of fewer than 8 bits, samples are spread to 8, as PNG's are.</summary>
    public int MaxValue => Bits > 8 ? (1 << Bits) - 1 : byte.MaxValue;

    public static TiffPicture Read(TiffBytes bytes, TiffDirectory page, ImageLimits limits)
    {
        string name = bytes.Name;
        long width = page.Number(bytes, TiffTag.ImageWidth), height = page.Number(bytes, TiffTag.ImageLength);
        ImageChecks.Dimensions(width, height, name, limits);
        long samples = page.Number(bytes, TiffTag.SamplesPerPixel, 1), color = page.Number(bytes, TiffTag.Photometric);
        long compression = page.Number(bytes, TiffTag.Compression, 1), planes = page.Number(bytes, TiffTag.PlanarConfiguration, 1);
        if (samples is < 1 or > MostSamples)
            throw ImageChecks.Unsupported(name, $"a TIFF of {samples} samples a pixel, which is not read");
        if (planes is not (1 or 2))
            throw ImageChecks.Corrupt(name, $"it orders its samples in way {planes}, and there are 1 and 2");
        RequireForms(bytes, page, samples, color, compression);
        int bits = (int)Math.Min(Same(bytes, page, TiffTag.BitsPerSample, samples, 1), ushort.MaxValue);
        bool hasDifferences = HasDifferencesBefore(bytes, page, (TiffCompression)compression, bits);
        long turn = page.Number(bytes, TiffTag.Orientation, Exif.Upright);
        TiffPicture picture = new((int)width, (int)height, (TiffColor)color, bits, (int)samples, (TiffCompression)compression,
            samples > 1 && planes == 2, hasDifferences, turn is >= 1 and <= 8 ? (int)turn : Exif.Upright);
        picture.RequireBits(name);
        return picture;
    }

    void RequireBits(string name)
    {
        if (Samples < Channels)
            throw ImageChecks.Corrupt(name, $"it has {Samples} samples a pixel, too few for its color");
        bool isRead = (Color, Compression) switch
        {
            (TiffColor.Palette, TiffCompression.Jpeg) => false,
            (_, TiffCompression.Jpeg) => Bits == 8 && !HasAlpha && !HasPlanes,
            (TiffColor.YCbCr, _) => false,
            (TiffColor.Palette, _) when Bits > 8 => false,
            _ when SamplesInPlane > 1 => Bits is 8 or 16,
            (TiffColor.Rgb, _) => Bits is 8 or 16,
            _ => Bits is 1 or 2 or 4 or (>= 8 and <= 16),
        };
        if (!isRead)
        {
            string order = HasPlanes ? ", each on its own," : "";
            throw ImageChecks.Unsupported(name,
                $"a TIFF of {Color} with {Samples} samples{order} of {Bits} bits, compression {Compression}, which is not read");
        }
    }

    static void RequireForms(TiffBytes bytes, TiffDirectory page, long samples, long color, long compression)
    {
        if (NameOf(compression) is { } unread)
            throw ImageChecks.Unsupported(bytes.Name, $"a TIFF compressed by {unread}, which is not read");
        string? other = color switch
        {
            >= 0 and <= 3 or 6 => null,
            4 => "a TIFF that is a mask",
            5 => "a TIFF of inks (CMYK)",
            8 or 9 or 10 => "a TIFF in the color space Lab",
            32_803 => "a TIFF of a camera's raw samples",
            _ => $"a TIFF of the photometric interpretation {color}",
        };
        if (other is not null)
            throw ImageChecks.Unsupported(bytes.Name, $"{other}, which is not read");
        string? form = Same(bytes, page, TiffTag.SampleFormat, samples, 1) switch
        {
            1 or 4 => null, // 4 is not defined, and to be taken for unsigned
            2 => "signed samples",
            3 => "floating-point samples",
            _ => "complex samples",
        };
        if (form is not null)
            throw ImageChecks.Unsupported(bytes.Name, $"a TIFF of {form}, which is not read; save its samples as unsigned integers");
        if (page.Number(bytes, TiffTag.FillOrder, 1) != 1)
            throw ImageChecks.Unsupported(bytes.Name, "a TIFF whose bytes have their lowest bit first, which is not read");
    }

    /// <summary>The name of a form of compression that is not read; null for one that is.</summary>
    static string? NameOf(long compression) => compression switch
    {
        _ when compression <= ushort.MaxValue && Enum.IsDefined((TiffCompression)compression) => null,
        2 or 3 or 4 or 32_771 => "a fax code",
        6 => "JPEG of the old style",
        9 or 10 or 34_661 => "JBIG",
        33_003 or 33_005 or 34_712 => "JPEG 2000",
        34_887 => "LERC",
        34_925 => "LZMA",
        50_000 => "Zstandard",
        50_001 => "WebP",
        50_002 => "JPEG XL",
        _ => $"method {compression}",
    };

    static bool HasDifferencesBefore(TiffBytes bytes, TiffDirectory page, TiffCompression compression, int bits)
    {
        long predictor = page.Number(bytes, TiffTag.Predictor, 1);
        if (predictor is < 1 or > 3)
            throw ImageChecks.Corrupt(bytes.Name, $"it names predictor {predictor}, and there are 1 to 3");
        // With other forms of compression some readers apply it, and some do not.
        bool isRead = predictor == 1 || predictor == 2 && bits is 8 or 16
            && compression is TiffCompression.Lzw or TiffCompression.Deflate or TiffCompression.OldDeflate;
        return isRead ? predictor == 2 : throw ImageChecks.Unsupported(bytes.Name,
            $"a TIFF with predictor {predictor}, {bits} bits and compression {compression}, which is not read");
    }

    /// <summary>A field that has a value for each sample, which must be the same for all.</summary>
    static long Same(TiffBytes bytes, TiffDirectory page, TiffTag tag, long samples, long otherwise)
    {
        if (page.Find(tag) is not { } field)
            return otherwise;
        if (field.Count != 1 && field.Count != samples)
            throw ImageChecks.Corrupt(bytes.Name, $"its field {tag} has {field.Count} values for {samples} samples");
        long first = TiffDirectory.Number(bytes, tag, field, 0);
        for (int i = 1; i < field.Count; i++)
        {
            if (TiffDirectory.Number(bytes, tag, field, i) != first)
                throw ImageChecks.Unsupported(bytes.Name, $"a TIFF whose samples differ in {tag}, which is not read");
        }
        return first;
    }
}
