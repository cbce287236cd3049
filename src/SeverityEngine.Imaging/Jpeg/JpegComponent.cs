namespace SeverityEngine.Imaging.Jpeg;

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

    /// <summary>Whether channel 0 depends on it; what is not needed is parsed and dropped.</summary>
    public bool Needed { get; set; }

    /// <summary>Its quantization table as of its first scan, in natural order.</summary>
    public ushort* Quantization { get; set; }

    /// <summary>Its coefficients, 64 a block in natural order, where they come in several scans; else null.</summary>
    public short* Coefficients { get; set; }

    /// <summary>Where its samples go.</summary>
    public JpegPlane? Plane { get; set; }

    /// <summary>For each coefficient in zigzag order, how many low bits are still to come; -1 where nothing has come.</summary>
    public sbyte[] MissingBits { get; } = NewMissingBits();

    public JpegHuffmanTable* DcTable { get; set; }

    public JpegHuffmanTable* AcTable { get; set; }

    static sbyte[] NewMissingBits()
    {
        sbyte[] bits = new sbyte[64];
        bits.AsSpan().Fill(-1);
        return bits;
    }
}
