using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.IO;

namespace SeverityEngine.Imaging.Codecs;

/// <summary>
/// DICOM's RLE Lossless (PS3.5, annex G): each byte of the samples, the most significant first, is a plane of its own, packed in runs.
/// </summary>
static class RleDecoder
{
    const int HeaderBytes = 64, MostSegments = 15;

    // Two bytes give a run of 128 at most.
    const int LongestRun = 128, RunBytes = 2;

    /// <summary>Decodes a picture.</summary>
    /// <param name="data">One frame's data.</param>
    /// <param name="header">What the file around it says: the precision is that of the memory of a sample, 8 or 16 bits.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="limits">The limits of its size.</param>
    /// <exception cref="SeverityException">A picture that is too large, truncated or corrupt.</exception>
    public static CodecFrame Decode(ReadOnlySpan<byte> data, CodecHeader header, string name, ImageLimits limits)
    {
        ImageChecks.Dimensions(header.Width, header.Height, name, limits);
        int samples = header.Width * header.Height, planes = header.Precision > 8 ? 2 : 1, count = header.Components * planes;
        if (data.Length < HeaderBytes)
            throw ImageChecks.Truncated(name, $"its RLE data have {data.Length} bytes");
        uint segments = BinaryPrimitives.ReadUInt32LittleEndian(data);
        if (segments != count || segments > MostSegments)
            throw ImageChecks.Corrupt(name, $"its RLE data have {segments} segments and {count} are needed");
        long least = (samples + LongestRun - 1L) / LongestRun * RunBytes;
        ImageChecks.Holds(data.Length, HeaderBytes + count * least, name);
        limits.Gate?.TakePicture(header.SampleBytes + samples);
        CodecFrame frame = new(header);
        byte[] bytes = FilePool.Rent(samples);
        try
        {
            Span<byte> plane = bytes.AsSpan(0, samples);
            for (int i = 0; i < count; i++)
            {
                Unpack(Segment(data, i, count, name), plane, i, name);
                Put(plane, frame.Plane(i / planes), i % planes, header);
            }
            return frame;
        }
        catch
        {
            frame.Dispose();
            throw;
        }
        finally
        {
            FilePool.Return(bytes);
        }
    }

    static ReadOnlySpan<byte> Segment(ReadOnlySpan<byte> data, int index, int count, string name)
    {
        ReadOnlySpan<byte> offsets = data[sizeof(uint)..];
        long start = BinaryPrimitives.ReadUInt32LittleEndian(offsets[(sizeof(uint) * index)..]);
        long end = index + 1 < count ? BinaryPrimitives.ReadUInt32LittleEndian(offsets[(sizeof(uint) * (index + 1))..]) : data.Length;
        if (start > data.Length || end > data.Length)
            throw ImageChecks.Truncated(name, $"its RLE segment {index} reaches to byte {Math.Max(start, end)} of {data.Length}");
        if (start < HeaderBytes || end < start)
            throw ImageChecks.Corrupt(name, $"its RLE segment {index} goes from byte {start} to byte {end}");
        return data[(int)start..(int)end];
    }

    static void Unpack(ReadOnlySpan<byte> packed, Span<byte> plane, int index, string name)
    {
        int at = 0, to = 0;
        while (to < plane.Length)
        {
            if (at >= packed.Length)
                throw Short(index, to, plane.Length, name);
            sbyte code = (sbyte)packed[at++];
            if (code == sbyte.MinValue)
                continue;
            int length = code >= 0 ? code + 1 : 1 - code, taken = code >= 0 ? length : 1;
            if (taken > packed.Length - at)
                throw Short(index, to, plane.Length, name);
            if (length > plane.Length - to)
                throw ImageChecks.Corrupt(name, $"a run of its RLE segment {index} goes past the last of {plane.Length} bytes");
            if (code >= 0)
                packed.Slice(at, length).CopyTo(plane[to..]);
            else
                plane.Slice(to, length).Fill(packed[at]);
            at += taken;
            to += length;
        }
        // Segments are filled up to an even length, and so is the whole; some encoders write codes that mean nothing.
        if (packed[at..].ContainsAnyExcept((byte)0, unchecked((byte)sbyte.MinValue)))
            throw ImageChecks.Corrupt(name, $"{packed.Length - at} bytes of its RLE segment {index} are left over");
    }

    static SeverityException Short(int index, int there, int needed, string name) =>
        ImageChecks.Truncated(name, $"its RLE segment {index} has {there} bytes of {needed}");

    static void Put(ReadOnlySpan<byte> plane, Span<ushort> samples, int place, CodecHeader header)
    {
        if (header.Precision > 8 && place == 0)
        {
            TensorPrimitives.ConvertTruncating(plane, samples);
            TensorPrimitives.ShiftLeft(samples, 8, samples);
        }
        else if (header.Precision > 8)
        {
            for (int i = 0; i < plane.Length; i++)
                samples[i] |= plane[i];
        }
        else if (header.IsSigned)
        {
            TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, sbyte>(plane), MemoryMarshal.Cast<ushort, short>(samples));
        }
        else
        {
            TensorPrimitives.ConvertTruncating(plane, samples);
        }
    }
}
