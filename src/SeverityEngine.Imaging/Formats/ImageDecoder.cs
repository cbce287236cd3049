namespace SeverityEngine.Imaging.Formats;

/// <summary>Finds the format of an image file by its content, never by its name, and hands it to that format's decoder.</summary>
static class ImageDecoder
{
    /// <exception cref="SeverityException">Bytes that are not an image, or one that is too large, truncated or corrupt.</exception>
    public static XRayImage Decode(ReadOnlySpan<byte> encoded, string name, ImageLimits limits)
    {
        XRayImage image = Recognize(encoded, name).Decode!(encoded, name, limits);
        image.Name = name;
        ImageDoubts.Add(image, name);
        return image;
    }

    /// <summary>The format of a file, by its bytes or the first of them: one that is read.</summary>
    /// <exception cref="SeverityException">Bytes that are not an image, or one in a format that is not read.</exception>
    public static ImageFormat Recognize(ReadOnlySpan<byte> encoded, string name)
    {
        if (encoded.IsEmpty)
            throw new SeverityException(SeverityError.FileEmpty, $"{name}: the file is empty; copy or export it again");
        if (ImageFormats.Recognize(encoded) is not { } format)
        {
            throw new SeverityException(SeverityError.ImageFormatUnknown,
                $"{name}: not an image in a format that is known; {ImageFormats.AreRead}");
        }
        if (format.Decode is null)
            throw new SeverityException(SeverityError.ImageFormatUnsupported, $"{name}: {format.Refusal}; {ImageFormats.AreRead}");
        return format;
    }
}
