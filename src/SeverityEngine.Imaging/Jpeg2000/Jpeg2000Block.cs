using System.Runtime.CompilerServices;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>
/// What the coding passes over a code block share. Samples lie in stripes of four rows, and in a stripe column by column.
/// </summary>
/// <remarks>
/// Each column of a stripe has a word of flags; the words have a border of one on all sides. In a word:
/// bits 0 to 17, three for each row from the one above the stripe to the one below: whether the sample to the left, the own one, and the
/// one to the right are significant, so that the window of a row (<see cref="Jpeg2000Contexts"/>) is nine bits from three times the row;
/// bits 18 to 35, in the same order: whether they are negative; and for each row, three bits apart, from bit 36 whether the current bit
/// plane's first pass has been there, and from bit 37 whether the sample has been refined.
/// A sample is its sign in bit 31 and its magnitude, whose bit 0 is a half.
/// </remarks>
unsafe struct Jpeg2000Block
{
    /// <summary>The most samples of a block (T.800, A.6.1).</summary>
    public const int MostSamples = 4096;

    /// <summary>The most bit planes, so that a magnitude and its half are below bit 31.</summary>
    public const int MostPlanes = 30;

    /// <summary>Bits for the four rows where rows are three bits apart.</summary>
    public const uint Rows = 0b001_001_001_001;

    /// <summary>Whether anything in a column or beside it is significant.</summary>
    public const ulong Significant = (1UL << 18) - 1;

    /// <summary>All of a window but the sample itself.</summary>
    public const uint Neighbors = 0b111_101_111;

    public const int OwnShift = 4, SignShift = 18, VisitedShift = 36, RefinedShift = 37;

    public const ulong Visited = (ulong)Rows << VisitedShift;

    /// <summary>The most words: for blocks of 1024 x 4, with the borders.</summary>
    const int MostFlags = (1024 + 2) * 3;

    public ulong* Contexts;
    public byte* Significance;
    public byte* Signs;
    public int* Samples;
    public int Width, Height;

    /// <summary>Whether the row below a stripe counts as insignificant (style 8).</summary>
    public bool IsCausal;

    ulong* _flags;

    public static Jpeg2000Block Create(DecoderMemory memory) => new()
    {
        Contexts = (ulong*)memory.Take(Jpeg2000Contexts.Count * sizeof(ulong)),
        Samples = (int*)memory.Take(MostSamples * sizeof(int)),
        _flags = (ulong*)memory.Take(MostFlags * sizeof(ulong)),
        Signs = Jpeg2000Contexts.Signs,
    };

    /// <summary>Words from one stripe to the next.</summary>
    public readonly nint Stride => Width + 2;

    public readonly int Stripes => (Height + 3) >> 2;

    /// <summary>The words of the first stripe's first column.</summary>
    public readonly ulong* Flags => _flags + Stride + 1;

    /// <summary>Begins a block in which nothing is significant.</summary>
    public void Start(int width, int height, Jpeg2000BandKind band, bool isCausal)
    {
        (Width, Height, IsCausal) = (width, height, isCausal);
        Significance = Jpeg2000Contexts.Significance(band);
        new Span<ulong>(_flags, (int)Stride * (Stripes + 2)).Clear();
        new Span<int>(Samples, 4 * width * Stripes).Clear();
        // Rows that the last stripe lacks are visited for good, so that no pass goes there.
        ulong missing = ~Present(Stripes - 1) & Visited;
        if (missing != 0)
            new Span<ulong>(Flags + Stride * (Stripes - 1), width).Fill(missing);
        Jpeg2000Contexts.Reset(Contexts);
    }

    /// <summary><see cref="Visited"/> of the rows that a stripe has.</summary>
    public readonly ulong Present(int stripe) => Visited & ((1UL << (VisitedShift + 3 * Math.Min(4, Height - 4 * stripe))) - 1);

    /// <summary>The place in a column of the row that is three bits times it from the lowest.</summary>
    public static int RowOf(int threeRows) => (threeRows * 11) >> 5;

    /// <summary>Tells a column and those around it that a sample is significant.</summary>
    /// <param name="at">The column's word in memory; <paramref name="flags"/> is the current one.</param>
    /// <param name="flags">The column's word.</param>
    /// <param name="row">Three times the row.</param>
    /// <param name="sign">1 for a negative sample.</param>
    /// <param name="stride">From one stripe to the next.</param>
    /// <param name="isCausal">Whether the stripe above may not know.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Mark(ulong* at, ref ulong flags, int row, uint sign, nint stride, bool isCausal)
    {
        ulong mark = 1 | (ulong)sign << SignShift;
        flags |= mark << (row + 4);
        at[-1] |= mark << (row + 5);
        at[1] |= mark << (row + 3);
        if (row == 0 && !isCausal)
        {
            ulong* above = at - stride;
            above[-1] |= mark << 17;
            above[0] |= mark << 16;
            above[1] |= mark << 15;
        }
        else if (row == 9)
        {
            ulong* below = at + stride;
            below[-1] |= mark << 2;
            below[0] |= mark << 1;
            below[1] |= mark;
        }
    }
}
