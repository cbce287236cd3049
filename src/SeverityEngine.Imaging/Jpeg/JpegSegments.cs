using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>A JPEG's marker segments, one after the other (ITU-T T.81, annex B).</summary>
sealed unsafe class JpegSegments(byte* file, int length, string name, List<string> warnings)
{
    public const int EndOfImage = 0xD9, StartOfScan = 0xDA, QuantizationTables = 0xDB, HuffmanTables = 0xC4, RestartInterval = 0xDD,
        ArithmeticConditioning = 0xCC, Jfif = 0xE0, Adobe = 0xEE;

    /// <summary>Where reading goes on: behind the segment, so at a scan's coded data after <see cref="StartOfScan"/>.</summary>
    public int At { get; set; } = 2;

    /// <summary>The last segment's content.</summary>
    public ReadOnlySpan<byte> Content => new(file + _contentAt, _contentLength);

    int _contentAt, _contentLength;

    public static bool IsFrame(int marker) =>
        marker is >= 0xC0 and <= 0xCF and not HuffmanTables and not 0xC8 and not ArithmeticConditioning;

    /// <summary>Goes to the next segment.</summary>
    /// <returns>Its marker, or -1 where the file ends.</returns>
    /// <exception cref="SeverityException">A segment that cannot be, or that is cut short.</exception>
    public int Next()
    {
        while (true)
        {
            int extra = At;
            while (At < length && file[At] != 0xFF)
                At++;
            extra = At - extra;
            while (At < length && file[At] == 0xFF)
                At++; // a marker may have fill bytes before it
            if (At >= length)
                return -1;
            int marker = file[At++];
            if (extra > 0)
                Warn($"{extra} bytes before the marker {marker:X2} at byte {At - 1} belong to nothing");
            switch (marker)
            {
                case EndOfImage:
                    return marker;
                case 0x00 or 0x01 or (>= 0xD0 and <= 0xD7):
                    Warn($"the marker {marker:X2} at byte {At - 1} is out of place");
                    continue;
                case 0xD8:
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

    /// <summary>Skips a scan's coded data: a marker in them is stuffed with a zero, and restart markers belong to them.</summary>
    /// <returns>False where the file ends before another marker.</returns>
    public bool SkipScan()
    {
        ReadOnlySpan<byte> all = new(file, length);
        while (true)
        {
            int found = all[At..].IndexOf((byte)0xFF);
            if (found < 0 || At + found + 1 >= length)
            {
                At = length;
                return false;
            }
            At += found;
            int next = file[At + 1];
            if (next is 0x00 or (>= 0xD0 and <= 0xD7))
                At += 2;
            else if (next == 0xFF)
                At++;
            else
                return true;
        }
    }

    void Warn(string fault)
    {
        const int Enough = 8;
        if (warnings.Count < Enough)
            warnings.Add($"{name}: {fault}");
    }
}
