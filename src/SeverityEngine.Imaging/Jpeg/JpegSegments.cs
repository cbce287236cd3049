using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>A JPEG's marker segments, one after the other (ITU-T T.81, annex B).</summary>
/// <param name="file">The first byte.</param>
/// <param name="length">How many there are.</param>
/// <param name="name">The file, for messages.</param>
/// <param name="isLs">Whether the markers of JPEG-LS (ITU-T T.87, C.1.1) are among them.</param>
sealed unsafe class JpegSegments(byte* file, int length, string name, bool isLs = false)
{
    public const int EndOfImage = 0xD9, StartOfScan = 0xDA, QuantizationTables = 0xDB, HuffmanTables = 0xC4, RestartInterval = 0xDD,
        ArithmeticConditioning = 0xCC, NumberOfLines = 0xDC, Jfif = 0xE0, Exif = 0xE1, ColorTransform = 0xE8, Adobe = 0xEE,
        LosslessFrame = 0xC3, LsFrame = 0xF7, LsParameters = 0xF8;

    /// <summary>Where reading goes on: behind the segment, so at a scan's coded data after <see cref="StartOfScan"/>.</summary>
    public int At { get; set; } = 2;

    /// <summary>The last segment's content.</summary>
    public ReadOnlySpan<byte> Content => new(file + _contentAt, _contentLength);

    /// <summary>How many bytes follow.</summary>
    public int Left => length - At;

    int _contentAt, _contentLength;

    public static bool IsFrame(int marker) =>
        marker is >= 0xC0 and <= 0xCF and not HuffmanTables and not 0xC8 and not ArithmeticConditioning;

    /// <summary>After how many units a restart marker comes, by the segment that says so; 0 for none.</summary>
    /// <exception cref="SeverityException">It has another length than it must have.</exception>
    public static int ReadRestartInterval(ReadOnlySpan<byte> content, string name) => content.Length == 2
        ? BinaryPrimitives.ReadUInt16BigEndian(content)
        : throw ImageChecks.Corrupt(name, $"its restart interval has {content.Length} bytes");

    /// <summary>Goes to the next segment.</summary>
    /// <returns>Its marker, or -1 where the file ends.</returns>
    /// <exception cref="SeverityException">A segment that cannot be, or that is cut short.</exception>
    public int Next()
    {
        if (At < length && file[At] != 0xFF)
            throw ImageChecks.Corrupt(name, $"its byte {At} belongs to nothing: a marker must stand there");
        while (At < length && file[At] == 0xFF)
            At++; // a marker may have fill bytes before it
        if (At >= length)
            return -1;
        int marker = file[At++];
        switch (marker)
        {
            case EndOfImage:
                return marker;
            case LsFrame or LsParameters when isLs:
                break;
            case 0xDE or 0xDF:
                throw ImageChecks.Unsupported(name, "a hierarchical JPEG, which is not read");
            case LsFrame:
                throw ImageChecks.Unsupported(name, "a JPEG-LS image, which is not read");
            case < 0xC0 or 0xC8 or (>= 0xD0 and <= 0xD8) or (>= 0xF0 and <= 0xFD):
                throw ImageChecks.Corrupt(name, $"the marker {marker:X2} at byte {At - 1} is out of place");
        }
        if (length - At < 2)
            throw ImageChecks.Truncated(name, $"it ends in the marker {marker:X2} at byte {At - 1}");
        int size = BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(file + At, 2));
        if (size < 2)
            throw ImageChecks.Corrupt(name, $"the segment {marker:X2} at byte {At - 1} has a length of {size}");
        if (size > length - At)
            throw ImageChecks.Truncated(name, $"its segment {marker:X2} at byte {At - 1} has {size} bytes and {length - At} are there");
        (_contentAt, _contentLength) = (At + 2, size - 2);
        At += size;
        return marker;
    }
}
