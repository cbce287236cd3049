using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using SeverityEngine.Imaging.Png;
using SeverityEngine.Interop;

namespace SeverityEngine.Imaging.Encoders;

/// <summary>Writes PNG (ISO/IEC 15948): 8- or 16-bit gray, 8-bit RGB, each row with the filter that leaves the smallest values.</summary>
static class PngWriter
{
    /// <summary>The signature, and the header's chunk with its length, type and checksum.</summary>
    const int HeaderEnd = 8 + 12 + 13;

    /// <summary>A keyword that the standard knows (11.3.3.2), and the zero that ends it.</summary>
    static ReadOnlySpan<byte> Keyword => "Software\0"u8;

    /// <param name="stream">Where it goes; it stays open.</param>
    /// <param name="pixels">The picture.</param>
    /// <param name="software">What made it, in ASCII; null to keep silent.</param>
    public static void Write(Stream stream, PixelBlock pixels, string? software)
    {
        stream.Write(PngHeader.Signature);
        PngChunkStream data = new(stream);
        data.WriteChunk("IHDR"u8, Header(pixels));
        if (software is not null)
            data.WriteChunk("tEXt"u8, [.. Keyword, .. Encoding.ASCII.GetBytes(software)]);
        using (ZLibStream compressor = new(data, CompressionLevel.Optimal, leaveOpen: true))
            WriteRows(compressor, pixels);
        data.Flush();
        data.WriteChunk("IEND"u8, []);
    }

    /// <summary>Whether a file starts as one that this wrote for a software.</summary>
    public static bool Says(ReadOnlySpan<byte> start, ReadOnlySpan<byte> software) => start.StartsWith(PngHeader.Signature)
        && start.Length > HeaderEnd + 8 && start[(HeaderEnd + 4)..] is var text && text.StartsWith("tEXt"u8)
        && text[4..].StartsWith(Keyword) && text[(4 + Keyword.Length)..].StartsWith(software);

    static byte[] Header(PixelBlock pixels)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, pixels.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), pixels.Height);
        header[8] = (byte)(8 * pixels.BytesPerSample);
        header[9] = (byte)(pixels.Channels == 3 ? PngColor.Rgb : PngColor.Gray);
        return header;
    }

    static void WriteRows(ZLibStream compressor, PixelBlock pixels)
    {
        PngFilters filters = PngFilters.For(Cpu.Kernels);
        int rowBytes = pixels.Width * pixels.BytesPerPixel;
        int filteredBytes = rowBytes + 1;
        // Two rows in the file's byte order and two filtered ones, the better of which is kept.
        byte[] rented = ArrayPool<byte>.Shared.Rent(checked(2 * rowBytes + 2 * filteredBytes));
        try
        {
            Span<byte> row = rented.AsSpan(0, rowBytes), above = rented.AsSpan(rowBytes, rowBytes);
            Span<byte> best = rented.AsSpan(2 * rowBytes, filteredBytes),
                trial = rented.AsSpan(2 * rowBytes + filteredBytes, filteredBytes);
            above.Clear();
            for (int y = 0; y < pixels.Height; y++)
            {
                ToFileOrder(pixels.Row(y), row, pixels.BytesPerSample);
                long smallest = long.MaxValue;
                for (int filter = 0; filter < PngFilters.Count; filter++)
                {
                    trial[0] = (byte)filter;
                    PngFilters.Apply(filter, row, above, pixels.BytesPerPixel, trial[1..]);
                    long sum = filters.SumOfMagnitudes(trial[1..]);
                    if (sum < smallest)
                    {
                        smallest = sum;
                        Span<byte> worse = best;
                        best = trial;
                        trial = worse;
                    }
                }
                compressor.Write(best);
                Span<byte> last = above;
                above = row;
                row = last;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    static void ToFileOrder(ReadOnlySpan<byte> samples, Span<byte> row, int bytesPerSample)
    {
        if (bytesPerSample == 2 && BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(
                MemoryMarshal.Cast<byte, ushort>(samples),
                MemoryMarshal.Cast<byte, ushort>(row));
        }
        else
        {
            samples.CopyTo(row);
        }
    }
}
