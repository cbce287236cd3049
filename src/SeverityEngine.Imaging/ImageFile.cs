using SeverityEngine.IO;

namespace SeverityEngine;

/// <summary>An image file's bytes in pooled memory, read whole and within the limits, before it is decoded.</summary>
public sealed class ImageFile : IDisposable
{
    static readonly FileKind s_kind = new("file")
    {
        FolderRemedy = "name the image in it",
        EmptyRemedy = "copy or export it again",
        TooLargeRemedy = "if it is an X-ray, make it smaller, or raise the limit (--max-file-size)",
    };

    readonly ImageLimits _limits;
    readonly int _length;
    byte[]? _bytes;

    ImageFile(string name, byte[] rented, int length, ImageLimits limits)
    {
        Name = name;
        _bytes = rented;
        _length = length;
        _limits = limits;
    }

    /// <summary>What messages call the file: its path, or the name that was given with a stream.</summary>
    public string Name { get; }

    /// <summary>The file's bytes; valid until it is disposed.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.Disposed"/>.</exception>
    public ReadOnlySpan<byte> Bytes =>
        (_bytes ?? throw new SeverityException(SeverityError.Disposed, $"{Name}: the file has been disposed")).AsSpan(0, _length);

    /// <summary>What is refused, and how DICOM files are read.</summary>
    internal ImageLimits Limits => _limits;

    /// <summary>Reads a file whole.</summary>
    /// <param name="path">The file; a pipe or device is read to its end.</param>
    /// <param name="limits">What to refuse; <see cref="ImageLimits.Default"/> where null.</param>
    /// <param name="dicom">How DICOM files are read; <see cref="DicomOptions.Default"/> where null.</param>
    /// <exception cref="SeverityException">A file that is not there, not readable, empty or too large.</exception>
    public static ImageFile Open(string path, ImageLimits? limits = null, DicomOptions? dicom = null)
    {
        // Buffering is off: the file is read in one piece into pooled memory.
        using FileStream stream = WholeFile.Open(path, s_kind);
        return Read(stream, path, limits, dicom);
    }

    /// <summary>
    /// Reads a file that was found in a folder or a list whole. A pipe or device is refused: opening one may wait for ever, and nobody
    /// asked for it.
    /// </summary>
    /// <exception cref="SeverityException">As for <see cref="Open"/>.</exception>
    internal static ImageFile OpenFound(string path, ImageLimits? limits = null)
    {
        RequireFile(path);
        return Open(path, limits);
    }

    /// <summary>Reads the first bytes of a file, by which its format is known.</summary>
    /// <exception cref="SeverityException">As for <see cref="Open"/>; a pipe or device is refused.</exception>
    internal static byte[] ReadStart(string path, ImageLimits limits)
    {
        RequireFile(path);
        using FileStream stream = WholeFile.Open(path, s_kind);
        return ReadStart(stream, path, limits, stream.Length);
    }

    /// <summary>Reads the first bytes of a stream whose length is known, or claimed.</summary>
    internal static byte[] ReadStart(Stream stream, string name, ImageLimits limits, long length)
    {
        if (length > limits.MaxFileBytes)
            throw WholeFile.TooLarge(name, s_kind, limits.MaxFileBytes);
        try
        {
            return FileStart.Read(stream);
        }
        catch (IOException e)
        {
            throw WholeFile.Fault(name, e, s_kind);
        }
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">What to refuse; <see cref="ImageLimits.Default"/> where null.</param>
    /// <param name="dicom">How DICOM files are read; <see cref="DicomOptions.Default"/> where null.</param>
    /// <exception cref="SeverityException">A stream that fails, is empty or is too large.</exception>
    public static ImageFile Read(Stream stream, string name, ImageLimits? limits = null, DicomOptions? dicom = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Read(stream, name, ImageLimits.With(limits, dicom), stream.CanSeek ? stream.Length - stream.Position : long.MaxValue);
    }

    /// <summary>Reads a stream to its end whose length is known, or claimed: no memory is taken for that but in a budget.</summary>
    internal static ImageFile Read(Stream stream, string name, ImageLimits limits, long length)
    {
        // What cannot be measured is read into arrays of growing length, two of them at a time.
        limits.Gate?.TakeFile(Math.Min(length, limits.MaxFileBytes) * (stream.CanSeek ? 1 : 2));
        byte[] bytes = WholeFile.Rent(stream, name, s_kind, limits.MaxFileBytes, out int read);
        return new ImageFile(name, bytes, read, limits);
    }

    /// <summary>Takes a file's bytes that somebody else has read.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="rented">An array from <see cref="FilePool"/>, which is this file's from here on.</param>
    /// <param name="length">How many bytes of it are the file.</param>
    /// <param name="limits">What is refused.</param>
    internal static ImageFile Take(string name, byte[] rented, int length, ImageLimits limits) => new(name, rented, length, limits);

    /// <summary>The error for a file of no bytes.</summary>
    internal static SeverityException Empty(string name) => WholeFile.Empty(name, s_kind);

    /// <summary>The error for a file that is larger than the limit.</summary>
    internal static SeverityException TooLarge(string name, ImageLimits limits) =>
        WholeFile.TooLarge(name, s_kind, limits.MaxFileBytes);

    /// <summary>Decodes the image.</summary>
    /// <exception cref="SeverityException">Bytes that are not an image, or one that is too large, truncated or corrupt.</exception>
    public XRayImage Decode() => XRayImage.Decode(Bytes, Name, _limits);

    static void RequireFile(string path)
    {
        if (FileStatus.IsSpecial(path))
        {
            throw new SeverityException(
                SeverityError.FileUnreadable, $"{path}: is a pipe, socket or device, not a file; to read a pipe, name it by itself");
        }
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
            FilePool.Return(bytes);
    }
}
