using System.Buffers;
using System.IO.Compression;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Interop;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Png;

/// <summary>
/// PNG (ISO/IEC 15948) of every color type, depth and interlace method, strictly: checksums are verified and nothing is made up. Only
/// channel 0 is kept, row by row, so memory is the result and two rows.
/// </summary>
static class PngDecoder
{
    /// <summary>Deflate's best: 258 bytes for two bits.</summary>
    public const int LargestExpansion = 1032;

    /// <summary>Adam7's passes: first column and row, then the spacing of each (ISO/IEC 15948, 8.2).</summary>
    static readonly (int X, int Y, int StepX, int StepY)[] s_adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    public static unsafe XRayImage Decode(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        PngChunks chunks = PngChunks.Read(file, name, limits);
        PngHeader header = chunks.Header;
        ImageChecks.Holds(chunks.ImageDataBytes, (long)header.RowBytes(header.Width) * header.Height / LargestExpansion, name);

        int bytesPerPixel = header.OutputBits / 8;
        limits.Gate?.TakePicture((long)header.Width * header.Height * bytesPerPixel + 2L * header.RowBytes(header.Width));
        byte[] pixels = FilePool.Rent(checked(header.Width * header.Height * bytesPerPixel));
        byte[] rows = ArrayPool<byte>.Shared.Rent(2 * header.RowBytes(header.Width));
        try
        {
            fixed (byte* start = file)
            {
                using DataPieces data = new(start, chunks.ImageData);
                ChannelDifference difference = new((1 << header.OutputBits) - 1);
                using ZLibStream inflated = new(data, CompressionMode.Decompress);
                ReadOnlySpan<(int X, int Y, int StepX, int StepY)> passes = header.Interlaced ? s_adam7 : [(0, 0, 1, 1)];
                foreach ((int X, int Y, int StepX, int StepY) pass in passes)
                    DecodePass(inflated, chunks, pass, rows, pixels, difference, name);
                // The compressed data's own checksum is verified where they end.
                bool isLonger = inflated.ReadByte() >= 0;
                // Inflating says nothing of a missing checksum.
                if (data.IsOverrun)
                    throw ImageChecks.Truncated(name, "its compressed data end before their checksum");
                if (chunks.LacksEnd)
                {
                    // Without IEND, that the picture is whole is told by the end of its compressed data alone.
                    if (isLonger)
                        throw ImageChecks.Truncated(name, "its IEND chunk is missing, and its compressed data do not end with its picture");
                    chunks.Warnings.Add($"{name}: the picture is whole, but its IEND chunk is missing");
                }
                else if (isLonger)
                {
                    chunks.Warnings.Add($"{name}: more image data than the picture has pixels");
                }
                return new XRayImage(
                    pixels, header.Width, header.Height, header.OutputBits, (1 << header.OutputBits) - 1, "PNG", chunks.Warnings)
                {
                    HasAlpha = header.HasAlpha || chunks.HasPaletteAlpha,
                    ChannelsDiffer = difference.IsLarge,
                };
            }
        }
        catch (Exception e)
        {
            FilePool.Return(pixels);
            if (e is InvalidDataException or IOException)
                throw ImageChecks.Corrupt(name, "its compressed data are not sound", e);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rows);
        }
    }

    static void DecodePass(
        ZLibStream data, PngChunks chunks, (int X, int Y, int StepX, int StepY) pass, byte[] rows, byte[] pixels,
        ChannelDifference difference, string name)
    {
        PngHeader header = chunks.Header;
        PngFilters filters = PngFilters.For(Cpu.Kernels);
        PngSamples samples = new(header, chunks.Palette);
        int width = (header.Width - pass.X + pass.StepX - 1) / pass.StepX;
        int height = (header.Height - pass.Y + pass.StepY - 1) / pass.StepY;
        if (width <= 0 || height <= 0)
            return; // a small picture has no pixels in some passes, and no rows
        int rowBytes = header.RowBytes(width), outputStride = header.Width * header.OutputBits / 8;
        Span<byte> row = rows.AsSpan(0, rowBytes), above = rows.AsSpan(rowBytes, rowBytes);
        above.Clear();
        for (int y = 0; y < height; y++)
        {
            int filter = data.ReadByte();
            if (filter < 0 || data.ReadAtLeast(row, rowBytes, throwOnEndOfStream: false) < rowBytes)
                throw ImageChecks.Truncated(name, $"its compressed data end in row {y} of {height}");
            if (!filters.Undo(filter, row, above, header.FilterStep))
                throw ImageChecks.Corrupt(name, $"its row {y} names filter {filter}, and there are 0 to 4");
            Span<byte> output = pixels.AsSpan((pass.Y + y * pass.StepY) * outputStride, outputStride);
            if (!samples.Write(row, width, output, pass.X, pass.StepX))
                throw ImageChecks.Corrupt(name, $"its row {y} names a color beyond its palette of {chunks.Palette.Length / 3}");
            samples.Compare(row, width, difference);
            Span<byte> last = above;
            above = row;
            row = last;
        }
    }
}
