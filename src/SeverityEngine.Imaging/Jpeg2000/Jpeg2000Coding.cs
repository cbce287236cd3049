using System.Buffers.Binary;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>How code blocks are coded (ITU-T T.800, table A.19).</summary>
[Flags]
enum Jpeg2000Styles
{
    None = 0,

    /// <summary>Lower bit planes without arithmetic coding.</summary>
    Bypass = 1,

    /// <summary>Contexts start anew at each pass.</summary>
    Reset = 2,

    /// <summary>Each pass is a segment of its own.</summary>
    Terminate = 4,

    /// <summary>Contexts do not see the next stripe.</summary>
    Causal = 8,

    /// <summary>The coder ends in a way that damage shows.</summary>
    PredictableEnd = 16,

    /// <summary>Four known symbols end each bit plane.</summary>
    SegmentationSymbols = 32,
}

/// <summary>A component's wavelet, precincts and code blocks (A.6.1, the fields SPcod and SPcoc).</summary>
sealed class Jpeg2000Coding
{
    public const int MostLevels = 32;

    const int KnownStyles = 0x3F, HighThroughputStyle = 0x40;

    readonly byte[] _precincts = [];

    Jpeg2000Coding(ReadOnlySpan<byte> content, bool hasPrecincts, string name)
    {
        Levels = content[0];
        // Exponents are stored less 2; a block has at most 4096 samples.
        (BlockWidthLog, BlockHeightLog) = (content[1] + 2, content[2] + 2);
        if (Levels > MostLevels)
            throw ImageChecks.Corrupt(name, $"its header says {Levels} levels of the wavelet, and there may be {MostLevels}");
        if (BlockWidthLog > 10 || BlockHeightLog > 10 || BlockWidthLog + BlockHeightLog > 12)
            throw ImageChecks.Corrupt(name, $"its header says code blocks of 2^{BlockWidthLog} x 2^{BlockHeightLog}");
        if ((content[3] & HighThroughputStyle) != 0)
            throw Jpeg2000Size.HighThroughputIsNotRead(name);
        if ((content[3] & ~KnownStyles) != 0)
            throw ImageChecks.Unsupported(name, $"a JPEG 2000 picture with code blocks of style {content[3]}, which is not read");
        Styles = (Jpeg2000Styles)content[3];
        if (content[4] > 1)
            throw ImageChecks.Unsupported(name, $"a JPEG 2000 picture with wavelet {content[4]}, which is not read");
        IsReversible = content[4] == 1;
        if (content.Length != 5 + (hasPrecincts ? Levels + 1 : 0))
            throw ImageChecks.Corrupt(name, $"its header has {content.Length - 5} precinct sizes for {Levels} levels of the wavelet");
        if (!hasPrecincts)
            return;
        _precincts = content[5..].ToArray();
        foreach (byte size in _precincts.AsSpan(1))
        {
            if ((size & 0x0F) == 0 || (size & 0xF0) == 0)
                throw ImageChecks.Corrupt(name, "its header says precincts of one sample");
        }
    }

    /// <summary>How often the picture is halved.</summary>
    public int Levels { get; }

    public int BlockWidthLog { get; }

    public int BlockHeightLog { get; }

    public Jpeg2000Styles Styles { get; }

    /// <summary>The 5/3 wavelet of integers; else 9/7.</summary>
    public bool IsReversible { get; }

    public static Jpeg2000Coding Read(ReadOnlySpan<byte> content, bool hasPrecincts, string name) =>
        content.Length >= 5
            ? new Jpeg2000Coding(content, hasPrecincts, name)
            : throw ImageChecks.Corrupt(name, "its header's coding style is too short");

    /// <summary>The logarithm of a precinct's width at a resolution, in that resolution's samples.</summary>
    public int PrecinctWidthLog(int resolution) => _precincts.Length == 0 ? 15 : _precincts[resolution] & 15;

    public int PrecinctHeightLog(int resolution) => _precincts.Length == 0 ? 15 : _precincts[resolution] >> 4;
}

/// <summary>A component's quantization (A.6.4).</summary>
sealed class Jpeg2000Quantization
{
    const int StyleNone = 0, StyleDerived = 1, StyleEach = 2;

    readonly ushort[] _steps;
    readonly int _style;

    Jpeg2000Quantization(ReadOnlySpan<byte> content, string name)
    {
        _style = content[0] & 31;
        GuardBits = content[0] >> 5;
        content = content[1..];
        if (_style > StyleEach)
            throw ImageChecks.Corrupt(name, $"its header says quantization {_style}, and there are 0 to 2");
        int size = _style == StyleNone ? 1 : 2;
        if (content.Length < size || content.Length % size != 0 || (_style == StyleDerived && content.Length != size))
            throw ImageChecks.Corrupt(name, $"its header has {content.Length} bytes of quantization of style {_style}");
        _steps = new ushort[content.Length / size];
        for (int i = 0; i < _steps.Length; i++)
            _steps[i] = _style == StyleNone ? (ushort)(content[i] >> 3 << 11) : BinaryPrimitives.ReadUInt16BigEndian(content[(2 * i)..]);
    }

    public int GuardBits { get; }

    public bool IsNone => _style == StyleNone;

    public static Jpeg2000Quantization Read(ReadOnlySpan<byte> content, string name) =>
        content.Length >= 1
            ? new Jpeg2000Quantization(content, name)
            : throw ImageChecks.Corrupt(name, "its header's quantization is empty");

    /// <summary>Whether there is a step for every band.</summary>
    public bool HasBands(int levels) => _style == StyleDerived || _steps.Length >= 3 * levels + 1;

    /// <summary>The exponent of a band's step (equations E-3 and E-5).</summary>
    /// <param name="band">0 for the lowest, then three a resolution.</param>
    public int Exponent(int band) =>
        _style == StyleDerived ? Math.Max(0, (_steps[0] >> 11) - Math.Max(0, (band - 1) / 3)) : _steps[band] >> 11;

    /// <summary>The mantissa, in 1/2048.</summary>
    public int Mantissa(int band) => _steps[_style == StyleDerived ? 0 : band] & 0x7FF;
}
