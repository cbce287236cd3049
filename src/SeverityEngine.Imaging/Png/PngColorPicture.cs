using System.IO.Compression;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Interop;

namespace SeverityEngine.Imaging.Png;

/// <summary>Takes a row of a picture.</summary>
/// <param name="y">Its number; rows come from the top.</param>
/// <param name="rgb">Red, green and blue of its pixels; valid during the call.</param>
delegate void ColorRow(int y, ReadOnlySpan<byte> rgb);

/// <summary>
/// Reads the colors of a PNG as this program writes it: RGB of 8 bits, not interlaced, a row at a time. X-rays are read by
/// <see cref="PngDecoder"/>, which keeps channel 0 alone; saliency maps are shown in their colors.
/// </summary>
static class PngColorPicture
{
    /// <summary>The size of such a PNG; null for any other file.</summary>
    /// <exception cref="SeverityException">It is a PNG that is too large, truncated or corrupt.</exception>
    public static (int Width, int Height)? SizeOf(ReadOnlySpan<byte> file, string name, ImageLimits limits) =>
        file.StartsWith(PngHeader.Signature)
        && PngChunks.Read(file, name, limits).Header is { Color: PngColor.Rgb, Depth: 8, Interlaced: false } header
            ? (header.Width, header.Height) : null;

    /// <summary>Decodes one that <see cref="SizeOf"/> knows.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">What is refused.</param>
    /// <param name="take">Takes each row.</param>
    /// <exception cref="SeverityException">It is too large, truncated or corrupt.</exception>
    public static unsafe void Decode(ReadOnlySpan<byte> file, string name, ImageLimits limits, ColorRow take)
    {
        PngChunks chunks = PngChunks.Read(file, name, limits);
        PngHeader header = chunks.Header;
        int rowBytes = header.RowBytes(header.Width);
        ImageChecks.Holds(chunks.ImageDataBytes, (long)rowBytes * header.Height / PngDecoder.LargestExpansion, name);
        PngFilters filters = PngFilters.For(Cpu.Kernels);
        Span<byte> row = new byte[rowBytes], above = new byte[rowBytes];
        try
        {
            fixed (byte* start = file)
            {
                using DataPieces data = new(start, chunks.ImageData);
                using ZLibStream inflated = new(data, CompressionMode.Decompress);
                for (int y = 0; y < header.Height; y++)
                {
                    int filter = inflated.ReadByte();
                    if (filter < 0 || inflated.ReadAtLeast(row, rowBytes, throwOnEndOfStream: false) < rowBytes)
                        throw ImageChecks.Truncated(name, $"its compressed data end in row {y} of {header.Height}");
                    if (!filters.Undo(filter, row, above, header.FilterStep))
                        throw ImageChecks.Corrupt(name, $"its row {y} names filter {filter}, and there are 0 to 4");
                    take(y, row);
                    Span<byte> last = above;
                    above = row;
                    row = last;
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw ImageChecks.Corrupt(name, "its compressed data are not sound", e);
        }
    }
}
