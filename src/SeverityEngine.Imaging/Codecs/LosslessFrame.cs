using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Codecs;

/// <summary>The frame header of JPEG Lossless (ITU-T T.81, B.2.2) and JPEG-LS (ITU-T T.87, C.2.2), which have one form, checked.</summary>
/// <param name="Header">What it says of the picture.</param>
/// <param name="Ids">The components' names.</param>
sealed record LosslessFrame(CodecHeader Header, byte[] Ids)
{
    const int MostBits = 16, LeastBits = 2;

    /// <exception cref="SeverityException">No start of a JPEG.</exception>
    public static void CheckStart(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length < 2)
            throw ImageChecks.Truncated(name, $"its JPEG has {data.Length} bytes");
        if (data[0] != 0xFF || data[1] != 0xD8)
            throw ImageChecks.Corrupt(name, "it has no JPEG");
    }

    /// <exception cref="SeverityException">A form that is not read, or fields that cannot be.</exception>
    public static LosslessFrame Read(ReadOnlySpan<byte> segment, string name)
    {
        if (segment.Length < 6)
            throw ImageChecks.Corrupt(name, "its frame header is too short");
        int precision = segment[0], count = segment[5];
        int height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        if (precision is < LeastBits or > MostBits)
            throw ImageChecks.Corrupt(name, $"its frame header says {precision} bits a sample");
        if (width == 0)
            throw ImageChecks.Corrupt(name, $"its frame header says {width} x {height} pixels");
        if (height == 0)
            throw ImageChecks.Unsupported(name, "a lossless JPEG that gives its height after its picture, which is not read");
        if (count is not (1 or 3))
            throw ImageChecks.Unsupported(name, $"a lossless JPEG of {count} components, which is not read");
        if (segment.Length != 6 + 3 * count)
            throw ImageChecks.Corrupt(name, $"its frame header has {segment.Length + 2} bytes for {count} components");
        byte[] ids = new byte[count];
        for (int i = 0; i < count; i++)
        {
            ids[i] = segment[6 + 3 * i];
            // A lone component's samples stand row by row, whatever sampling it names.
            if (count > 1 && segment[7 + 3 * i] != 0x11)
                throw ImageChecks.Unsupported(name, "a lossless JPEG with subsampled components, which is not read");
        }
        return new LosslessFrame(new CodecHeader(width, height, count, precision, IsSigned: false), ids);
    }
}

/// <summary>The scan header of JPEG Lossless (ITU-T T.81, B.2.3) and JPEG-LS (ITU-T T.87, C.2.3), which have one form too.</summary>
/// <param name="Components">Which of the frame's components it holds.</param>
/// <param name="Tables">The byte that each of them names its tables by.</param>
/// <param name="First">JPEG Lossless: the selection value. JPEG-LS: how far samples may be from the original.</param>
/// <param name="Second">JPEG-LS: how components are interleaved.</param>
/// <param name="PointTransform">How many low bits the samples have lost.</param>
readonly record struct LosslessScan(int[] Components, byte[] Tables, int First, int Second, int PointTransform)
{
    /// <param name="segment">The header's content.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="decoded">A bit for each component that earlier scans have; this scan's are added.</param>
    /// <param name="name">The file, for messages.</param>
    /// <exception cref="SeverityException"><see cref="SeverityError.ImageCorrupt"/>.</exception>
    public static LosslessScan Read(ReadOnlySpan<byte> segment, LosslessFrame frame, ref int decoded, string name)
    {
        int count = segment.IsEmpty ? 0 : segment[0];
        if (count < 1 || count > frame.Ids.Length || segment.Length != 4 + 2 * count)
            throw ImageChecks.Corrupt(name, $"its scan header has {segment.Length + 2} bytes for {count} components");
        int[] components = new int[count];
        byte[] tables = new byte[count];
        int found = -1;
        for (int i = 0; i < count; i++)
        {
            int id = segment[1 + 2 * i];
            // They come in the frame's order, so that those of one name are told apart as well.
            do
                found++;
            while (found < frame.Ids.Length && (frame.Ids[found] != id || (decoded >> found & 1) != 0));
            if (found == frame.Ids.Length)
                throw ImageChecks.Corrupt(name, $"its scan names component {id}, which is not there, out of order or there already");
            decoded |= 1 << found;
            (components[i], tables[i]) = (found, segment[2 + 2 * i]);
        }
        return new LosslessScan(components, tables, segment[^3], segment[^2], segment[^1] & 15);
    }
}
