using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>A code stream's marker segments, one after the other (ITU-T T.800, annex A).</summary>
sealed unsafe class Jpeg2000Segments(byte* data, int start, int length, string name)
{
    public const int Start = 0xFF4F, Size = 0xFF51, Coding = 0xFF52, ComponentCoding = 0xFF53, Quantization = 0xFF5C,
        ComponentQuantization = 0xFF5D, Region = 0xFF5E, ProgressionChange = 0xFF5F, Capabilities = 0xFF50, PackedHeaders = 0xFF60,
        TilePackedHeaders = 0xFF61, TilePart = 0xFF90, StartOfPacket = 0xFF91, EndOfPacketHeader = 0xFF92, StartOfData = 0xFF93,
        End = 0xFFD9;

    int _contentAt, _contentLength;

    /// <summary>Where reading goes on: behind the segment.</summary>
    public int At { get; private set; } = start;

    /// <summary>The last segment's content, without its length.</summary>
    public ReadOnlySpan<byte> Content => new(data + _contentAt, _contentLength);

    /// <summary>Goes to the next segment.</summary>
    /// <returns>Its marker.</returns>
    /// <exception cref="SeverityException">Something that is no segment, or that is cut short.</exception>
    public int Next()
    {
        if (length - At < 2)
            throw ImageChecks.Truncated(name, "its code stream ends within its headers");
        int marker = Word(At);
        if (marker < 0xFF00)
            throw ImageChecks.Corrupt(name, $"byte {At} of its code stream belongs to nothing: a marker must stand there");
        At += 2;
        (_contentAt, _contentLength) = (At, 0);
        // Markers without a segment (A.1.1).
        if (marker is Start or StartOfData or End or StartOfPacket or EndOfPacketHeader or (>= 0xFF30 and <= 0xFF3F))
            return marker;
        if (length - At < 2)
            throw ImageChecks.Truncated(name, $"its code stream ends in the marker {marker:X4} at byte {At - 2}");
        int size = Word(At);
        if (size < 2)
            throw ImageChecks.Corrupt(name, $"the segment {marker:X4} at byte {At - 2} of its code stream has a length of {size}");
        if (size > length - At)
        {
            throw ImageChecks.Truncated(
                name, $"the segment {marker:X4} at byte {At - 2} of its code stream has {size} bytes and {length - At} are there");
        }
        (_contentAt, _contentLength) = (At + 2, size - 2);
        At += size;
        return marker;
    }

    /// <summary>Whether a marker may stand in the header of a picture or of a tile; those that are not known may.</summary>
    public static bool IsInHeaders(int marker) =>
        marker is not (Start or Size or TilePart or StartOfPacket or EndOfPacketHeader or StartOfData or End);

    int Word(int at) => BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(data + at, 2));
}
