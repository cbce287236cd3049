using SeverityEngine.Imaging.Jpeg;
using SeverityEngine.Imaging.Png;
using SeverityEngine.Imaging.Stb;

namespace SeverityEngine.Imaging.Formats;

/// <summary>Finds the format of an image file by its content, never by its name, and hands it to that format's decoder.</summary>
static class ImageDecoder
{
    public const string FormatsRead = "JPEG, PNG, BMP, GIF, TGA and PSD are read";

    /// <exception cref="SeverityException">Bytes that are not an image, or one that is too large, truncated or corrupt.</exception>
    public static XRayImage Decode(ReadOnlySpan<byte> encoded, string name, ImageLimits limits)
    {
        if (encoded.IsEmpty)
            throw new SeverityException(SeverityError.FileEmpty, $"{name}: the file is empty; copy or export it again");
        if (encoded.StartsWith(PngHeader.Signature))
            return PngDecoder.Decode(encoded, name, limits);
        if (encoded.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]))
            return JpegDecoder.Decode(encoded, name, limits);
        if (encoded.StartsWith("BM"u8))
            return StbDecoder.DecodeBmp(encoded, name, limits);
        if (encoded.StartsWith("GIF87a"u8) || encoded.StartsWith("GIF89a"u8))
            return StbDecoder.DecodeGif(encoded, name, limits);
        if (encoded.StartsWith("8BPS"u8))
            return StbDecoder.DecodePsd(encoded, name, limits);
        if (KnownFormats.Recognize(encoded) is { } known)
            throw new SeverityException(SeverityError.ImageFormatUnsupported, $"{name}: {known}; {FormatsRead}");
        // TGA has no signature, so it comes last, and only with a header in which everything fits.
        if (StbDecoder.LooksLikeTga(encoded))
            return StbDecoder.DecodeTga(encoded, name, limits);
        throw new SeverityException(SeverityError.ImageFormatUnknown, $"{name}: not an image in a format that is known; {FormatsRead}");
    }
}
