using System.Buffers.Binary;
using SeverityEngine.Imaging.Codecs;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg;

/// <summary>A JPEG's frame header (ITU-T T.81, B.2.2), checked.</summary>
sealed class JpegFrame
{
    const int ExtendedSequential = 0xC1, Progressive = 0xC2;

    JpegFrame(int marker, int precision, int width, int height, int maxHorizontal, int maxVertical, JpegComponent[] components)
    {
        IsProgressive = marker == Progressive;
        Precision = precision;
        Width = width;
        Height = height;
        MaxHorizontal = maxHorizontal;
        MaxVertical = maxVertical;
        Components = components;
    }

    public bool IsProgressive { get; }

    /// <summary>Bits a sample: 8; 12 where that is asked for.</summary>
    public int Precision { get; }

    public int Width { get; }

    public int Height { get; }

    public int MaxHorizontal { get; }

    public int MaxVertical { get; }

    public int McusWide => DivideUp(Width, 8 * MaxHorizontal);

    public int McusHigh => DivideUp(Height, 8 * MaxVertical);

    public JpegComponent[] Components { get; }

    /// <summary>Its size and the form of its samples.</summary>
    public CodecHeader Header => new(Width, Height, Components.Length, Precision, IsSigned: false);

    /// <summary>The fewest bytes that the coded data can have: two bits a block, or one where blocks come in several scans.</summary>
    public long LeastBytes => Components.Sum(c => (long)c.BlocksWide * c.BlocksHigh) * (IsProgressive ? 1 : 2) / 8;

    /// <exception cref="SeverityException">A kind of JPEG that is not read, a size beyond the limits, or fields that cannot be.</exception>
    /// <param name="marker">Its marker, which tells the kind.</param>
    /// <param name="segment">What follows the marker and the length.</param>
    /// <param name="precision">How many bits a sample may have, 8 or 12.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="limits">The limits of its size.</param>
    public static JpegFrame Read(int marker, ReadOnlySpan<byte> segment, int precision, string name, ImageLimits limits)
    {
        string? kind = marker switch
        {
            0xC0 or 0xC1 or 0xC2 => null,
            0xC3 => "a lossless JPEG",
            >= 0xC5 and <= 0xC7 => "a hierarchical JPEG",
            _ => "a JPEG with arithmetic coding",
        };
        if (kind is not null)
            throw ImageChecks.Unsupported(name, $"{kind}, which is not read");
        if (segment.Length < 6)
            throw ImageChecks.Corrupt(name, "its frame header is too short");
        int count = segment[5];
        int height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        if (segment[0] != precision || precision == 12 && marker != ExtendedSequential)
            throw ImageChecks.Unsupported(name, $"a JPEG of {segment[0]} bits a sample, which is not read");
        if (height == 0 && width > 0)
            throw ImageChecks.Unsupported(name, "a JPEG that gives its height after its picture, which is not read");
        ImageChecks.Dimensions(width, height, name, limits);
        if (count is not (1 or 3 or 4))
            throw ImageChecks.Unsupported(name, $"a JPEG of {count} components, which is not read");
        if (segment.Length != 6 + 3 * count)
            throw ImageChecks.Corrupt(name, $"its frame header has {segment.Length + 2} bytes for {count} components");
        int maxHorizontal = 1, maxVertical = 1;
        for (int i = 0; i < count; i++)
        {
            (int horizontal, int vertical) = Sampling(segment, i);
            if (horizontal is < 1 or > 4 || vertical is < 1 or > 4)
                throw ImageChecks.Corrupt(name, $"its component {i} has a sampling of {horizontal} x {vertical}");
            maxHorizontal = Math.Max(maxHorizontal, horizontal);
            maxVertical = Math.Max(maxVertical, vertical);
        }
        JpegComponent[] components = new JpegComponent[count];
        int mcusWide = DivideUp(width, 8 * maxHorizontal), mcusHigh = DivideUp(height, 8 * maxVertical);
        for (int i = 0; i < count; i++)
        {
            (int horizontal, int vertical) = Sampling(segment, i);
            if (maxHorizontal % horizontal != 0 || maxVertical % vertical != 0)
            {
                throw ImageChecks.Unsupported(name, $"a JPEG with a sampling of {horizontal} x {vertical} in "
                    + $"{maxHorizontal} x {maxVertical}, which is not read");
            }
            components[i] = new JpegComponent
            {
                Id = segment[6 + 3 * i],
                Horizontal = horizontal,
                Vertical = vertical,
                Quantizer = segment[8 + 3 * i],
                Width = DivideUp(width * horizontal, maxHorizontal),
                Height = DivideUp(height * vertical, maxVertical),
                PaddedBlocksWide = mcusWide * horizontal,
                PaddedBlocksHigh = mcusHigh * vertical,
            };
        }
        return new JpegFrame(marker, precision, width, height, maxHorizontal, maxVertical, components);

        // A lone component's blocks stand row by row, whatever sampling it names.
        static (int Horizontal, int Vertical) Sampling(ReadOnlySpan<byte> segment, int i) =>
            segment[5] == 1 && segment[7] >> 4 is >= 1 and <= 4 && (segment[7] & 15) is >= 1 and <= 4
                ? (1, 1) : (segment[7 + 3 * i] >> 4, segment[7 + 3 * i] & 15);
    }

    /// <summary>
    /// The marker of a stream's frame header, 0xC0 to 0xCF or JPEG-LS's 0xF7, and the bits of its samples; 0 where there is none before a
    /// scan.
    /// </summary>
    public static int FrameMarker(ReadOnlySpan<byte> stream, out int precision)
    {
        precision = 0;
        if (!stream.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]))
            return 0;
        for (int at = 2; at + 4 <= stream.Length;)
        {
            int marker = stream[at + 1];
            if (stream[at] != 0xFF || marker == 0xFF)
                at++; // what fills up before a marker
            else if (JpegSegments.IsFrame(marker) || marker == JpegSegments.LsFrame)
            {
                precision = stream[Math.Min(at + 4, stream.Length - 1)];
                return marker;
            }
            else if (marker == JpegSegments.StartOfScan)
                return 0;
            else
                at += 2 + BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 2)..]);
        }
        return 0;
    }

    static int DivideUp(int value, int by) => (value + by - 1) / by;
}

/// <summary>One of a frame's components, with what decoding its scans needs.</summary>
sealed unsafe class JpegComponent
{
    public required int Id { get; init; }

    /// <summary>Its samples for the frame's <see cref="JpegFrame.MaxHorizontal"/> pixels: also its blocks in an MCU.</summary>
    public required int Horizontal { get; init; }

    public required int Vertical { get; init; }

    /// <summary>Which quantization table it names.</summary>
    public required int Quantizer { get; init; }

    /// <summary>Its samples, without those that fill blocks.</summary>
    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>Its blocks in a scan of its own.</summary>
    public int BlocksWide => (Width + 7) / 8;

    public int BlocksHigh => (Height + 7) / 8;

    /// <summary>Its blocks with those that fill MCUs.</summary>
    public required int PaddedBlocksWide { get; init; }

    public required int PaddedBlocksHigh { get; init; }

    /// <summary>The memory of all its coefficients, 64 of 16 bits a block.</summary>
    public long CoefficientBytes => (long)PaddedBlocksWide * PaddedBlocksHigh * 64 * sizeof(short);

    /// <summary>Whether channel 0 depends on it; what is not needed is checked as it is decoded, and dropped.</summary>
    public bool Needed { get; set; }

    /// <summary>Its quantization table as of its first scan, in natural order.</summary>
    public ushort* Quantization { get; set; }

    /// <summary>For each coefficient, in natural order, the greatest that its quantization table leaves possible.</summary>
    public short* Limits { get; set; }

    /// <summary>The sum of its blocks' DC values without their signs, as far as its first scan gives them.</summary>
    public long SumOfDc { get; private set; }

    /// <summary>The greatest of them.</summary>
    public int GreatestDc { get; private set; }

    /// <summary>Its coefficients, 64 a block in natural order, where they come in several scans; else null.</summary>
    public short* Coefficients { get; set; }

    /// <summary>Where its samples go.</summary>
    public JpegPlane? Plane { get; set; }

    /// <summary>For each coefficient in zigzag order, how many low bits are still to come; -1 where nothing has come.</summary>
    public sbyte[] MissingBits { get; } = NewMissingBits();

    public JpegHuffmanTable* DcTable { get; set; }

    public JpegHuffmanTable* AcTable { get; set; }

    public void AddDc(int dc)
    {
        int magnitude = dc ^ (dc >> 31); // less by one where it is negative
        SumOfDc += magnitude;
        GreatestDc = Math.Max(GreatestDc, magnitude);
    }

    static sbyte[] NewMissingBits()
    {
        sbyte[] bits = new sbyte[64];
        bits.AsSpan().Fill(-1);
        return bits;
    }
}
