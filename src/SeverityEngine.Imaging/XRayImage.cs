using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine;

/// <summary>
/// A decoded X-ray: channel 0 of the picture in 8 or 16 bits, in pooled memory that goes back when the image is disposed.
/// </summary>
/// <remarks>Not safe for use by several threads while one of them disposes it.</remarks>
public sealed class XRayImage : IDisposable
{
    readonly List<string> _warnings;
    byte[]? _pixels;

    /// <summary>Takes an array rented from <see cref="FilePool"/>; it holds channel 0 without gaps between rows.</summary>
    internal XRayImage(
        byte[] rented, int width, int height, int bitsPerSample, int maxValue, string format, List<string>? warnings = null)
    {
        _pixels = rented;
        Width = width;
        Height = height;
        BitsPerSample = bitsPerSample;
        MaxValue = maxValue;
        Format = format;
        _warnings = warnings ?? [];
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>8, or 16 for pixels in 16-bit integers.</summary>
    public int BitsPerSample { get; }

    /// <summary>The value of full white.</summary>
    public int MaxValue { get; }

    /// <summary>The file format that was read, for example <c>JPEG</c>.</summary>
    public string Format { get; }

    /// <summary>What is odd about the file, though it could be read.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>
    /// Of a DICOM file, the UIDs of the image; null for other files, and where <see cref="DicomOptions.Uids"/> is not set.
    /// </summary>
    public DicomUids? Uids { get; internal init; }

    /// <summary>What messages call the image.</summary>
    internal string Name { get; set; } = "the image";

    /// <summary>Whether the file has an alpha channel too, or a channel that may be one; it is ignored.</summary>
    internal bool HasAlpha { get; init; }

    /// <summary>Whether its other channels are as far from channel 0 as a colored picture's are.</summary>
    internal bool ChannelsDiffer { get; init; }

    /// <summary>Whether the file says how many bits its values have, so that its decoder judges whether they use them.</summary>
    internal bool StatesBits { get; init; }

    /// <summary>The time that reading and decoding took, where it was measured.</summary>
    internal TimeSpan DecodeTime { get; set; }

    /// <summary>The pixels; valid until the image is disposed.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.Disposed"/>.</exception>
    public XRayPixels Pixels
    {
        get
        {
            byte[] pixels = _pixels ?? throw new SeverityException(SeverityError.Disposed, "the image has been disposed");
            PixelFormat format = BitsPerSample == 16 ? PixelFormat.Gray16 : PixelFormat.Gray8;
            int bytes = Width * Height * (BitsPerSample / 8);
            return new XRayPixels(pixels.AsSpan(0, bytes), Width, Height, format, 0, MaxValue);
        }
    }

    /// <summary>Reads and decodes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What to refuse; <see cref="ImageLimits.Default"/> where null.</param>
    /// <param name="dicom">How DICOM files are read; <see cref="DicomOptions.Default"/> where null.</param>
    /// <exception cref="SeverityException">
    /// A file that is not there, not readable, not an image, too large, truncated or corrupt.
    /// </exception>
    public static XRayImage Load(string path, ImageLimits? limits = null, DicomOptions? dicom = null)
    {
        using ImageFile file = ImageFile.Open(path, limits, dicom);
        return file.Decode();
    }

    /// <summary>Decodes a whole image file from memory: DICOM, JPEG, PNG, BMP, GIF, TGA, PSD, TIFF, PGM or
    /// PPM. Of several frames or pages, the first is decoded, with a warning.</summary>
    /// <param name="encoded">The file's bytes.</param>
    /// <param name="name">What error messages call the image.</param>
    /// <param name="limits">What to refuse; <see cref="ImageLimits.Default"/> where null.</param>
    /// <param name="dicom">How DICOM files are read; <see cref="DicomOptions.Default"/> where null.</param>
    /// <exception cref="SeverityException">Bytes that are not an image, or one that is too large, truncated or corrupt.</exception>
    public static XRayImage Decode(
        ReadOnlySpan<byte> encoded, string name = "image", ImageLimits? limits = null, DicomOptions? dicom = null) =>
        ImageDecoder.Decode(encoded, name, ImageLimits.With(limits, dicom));

    internal void Warn(string warning) => _warnings.Add(warning);

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _pixels, null) is { } pixels)
            FilePool.Return(pixels);
    }
}
