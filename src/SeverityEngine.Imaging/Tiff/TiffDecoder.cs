using System.Buffers;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Tiff;

/// <summary>
/// TIFF 6.0 and BigTIFF, their first page: gray, RGB and palettes in strips and tiles, of 8 and 16 bits, and gray of what lies between.
/// Only channel 0 is kept, row by row, so memory is the result and a row of each plane, or one decoded JPEG.
/// </summary>
/// <remarks>
/// Every strip and tile must be there and give all its rows: what libtiff fills with zeros is refused. Data that go on behind the rows get
/// a warning.
/// </remarks>
static class TiffDecoder
{
    /// <exception cref="SeverityException">A form that is not read, or an image that is too large, truncated or corrupt.</exception>
    public static XRayImage Decode(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        TiffBytes bytes = new(file, name);
        TiffDirectory page = TiffDirectory.ReadFirstPage(bytes, out int pages);
        TiffPicture picture = TiffPicture.Read(bytes, page, limits);
        TiffGrid grid = TiffGrid.Read(bytes, page, picture, limits);
        List<string> warnings = [];
        if (pages > 1)
            warnings.Add($"{name}: it has {pages} pages, of which the first is used");
        if (picture.Orientation != Exif.Upright)
            warnings.Add(ImageDoubts.Turned(picture.Orientation, name));
        int pixelBytes = picture.OutputBits / 8, stride = picture.Width * pixelBytes;
        limits.Gate?.TakePicture((long)picture.Height * stride);
        byte[] pixels = FilePool.Rent(checked(picture.Height * stride));
        try
        {
            Span<byte> output = pixels.AsSpan(0, picture.Height * stride);
            bool areColored = picture.Compression == TiffCompression.Jpeg
                ? DecodeJpegs(new TiffJpeg(bytes, page, picture), grid, picture, output, warnings, limits)
                : DecodeRows(bytes, page, grid, picture, output, warnings, limits);
            return new XRayImage(pixels, picture.Width, picture.Height, picture.OutputBits, picture.MaxValue, "TIFF", warnings)
            {
                HasAlpha = picture.HasAlpha,
                ChannelsDiffer = areColored,
            };
        }
        catch
        {
            FilePool.Return(pixels);
            throw;
        }
    }

    /// <returns>Whether the channels differ.</returns>
    static unsafe bool DecodeRows(TiffBytes bytes, TiffDirectory page, TiffGrid grid, TiffPicture picture, Span<byte> output,
        List<string> warnings, ImageLimits limits)
    {
        ChannelDifference difference = new(picture.MaxValue);
        TiffSamples samples = new(picture, bytes.IsLittleEndian != BitConverter.IsLittleEndian, TiffSamples.Colors(bytes, page, picture));
        int rowBytes = checked((int)(((long)grid.Width * picture.SamplesInPlane * picture.Bits + 7) / 8));
        limits.Gate?.TakePicture((long)picture.Planes * rowBytes);
        byte[] rented = ArrayPool<byte>.Shared.Rent(checked(picture.Planes * rowBytes));
        TiffSegment[] planes = new TiffSegment[picture.Planes];
        bool areLonger = false;
        try
        {
            fixed (byte* file = bytes.File)
            {
                for (int i = 0; i < planes.Length; i++)
                    planes[i] = new TiffSegment(file, picture.Compression, bytes.Name);
                Span<byte> rows = rented.AsSpan(0, picture.Planes * rowBytes);
                for (int down = 0; down < grid.Down; down++)
                {
                    for (int across = 0; across < grid.Across; across++)
                    {
                        for (int i = 0; i < planes.Length; i++)
                            planes[i].Open(grid.Find(i, down, across));
                        DecodePiece(planes, grid, (down, across), picture, samples, rows, output, difference);
                        foreach (TiffSegment plane in planes)
                            areLonger |= plane.End(rows[..rowBytes], grid.Height - grid.RowsOf(down, picture));
                    }
                }
            }
        }
        finally
        {
            foreach (TiffSegment? plane in planes)
                plane?.Dispose();
            ArrayPool<byte>.Shared.Return(rented);
        }
        if (areLonger)
            warnings.Add($"{bytes.Name}: more image data than the picture has pixels");
        return difference.IsLarge;
    }

    /// <summary>Decodes a strip or tile, of all planes.</summary>
    static void DecodePiece(TiffSegment[] planes, TiffGrid grid, (int Down, int Across) place, TiffPicture picture, TiffSamples samples,
        Span<byte> rows, Span<byte> output, ChannelDifference difference)
    {
        int pixelBytes = picture.OutputBits / 8, rowBytes = rows.Length / planes.Length;
        int left = place.Across * grid.Width, width = Math.Min(grid.Width, picture.Width - left);
        int stored = grid.RowsOf(place.Down, picture);
        for (int y = 0; y < stored; y++)
        {
            for (int i = 0; i < planes.Length; i++)
            {
                Span<byte> row = rows.Slice(i * rowBytes, rowBytes);
                planes[i].ReadRow(row);
                samples.Restore(row);
            }
            // Tiles go on below the picture.
            long line = (long)place.Down * grid.Height + y;
            if (line >= picture.Height)
                continue;
            samples.Write(rows[..rowBytes], output.Slice((int)(line * picture.Width + left) * pixelBytes, width * pixelBytes));
            samples.Compare(rows, rowBytes, width, difference);
        }
    }

    /// <returns>Whether the channels differ in half of the picture or more.</returns>
    static bool DecodeJpegs(
        TiffJpeg jpegs, TiffGrid grid, TiffPicture picture, Span<byte> output, List<string> warnings, ImageLimits limits)
    {
        long colored = 0;
        for (int down = 0; down < grid.Down; down++)
        {
            int rows = grid.RowsOf(down, picture), visible = Math.Min(rows, picture.Height - down * grid.Height);
            for (int across = 0; across < grid.Across; across++)
            {
                using XRayImage image = jpegs.Decode(grid.Find(0, down, across), grid.Width, rows, grid.Height, limits);
                int left = across * grid.Width, width = Math.Min(grid.Width, picture.Width - left);
                for (int y = 0; y < visible; y++)
                {
                    Span<byte> to = output.Slice((down * grid.Height + y) * picture.Width + left, width);
                    image.Pixels.Data.Slice(y * grid.Width, width).CopyTo(to);
                    if (picture.Color == TiffColor.WhiteIsZero)
                        Invert(to);
                }
                if (image.ChannelsDiffer)
                    colored += (long)width * visible;
                foreach (string warning in image.Warnings)
                {
                    if (!warnings.Contains(warning))
                        warnings.Add(warning);
                }
            }
        }
        return 2 * colored >= (long)picture.Width * picture.Height;
    }

    static void Invert(Span<byte> pixels)
    {
        foreach (ref byte pixel in pixels)
            pixel = (byte)~pixel;
    }
}
