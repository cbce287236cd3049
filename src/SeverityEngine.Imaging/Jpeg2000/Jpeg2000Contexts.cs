using System.Numerics;
using System.Runtime.InteropServices;

namespace SeverityEngine.Imaging.Jpeg2000;

/// <summary>The contexts of a code block's symbols (ITU-T T.800, D.3), by the nine samples around the one that is decoded.</summary>
/// <remarks>
/// A window has a bit for each sample, whether it is significant: the row above in bits 0 to 2 from left to right, its own row in bits 3
/// to 5, itself in bit 4, the row below in bits 6 to 8.
/// </remarks>
static unsafe class Jpeg2000Contexts
{
    /// <summary>How many there are: nine of significance, five of signs, three of refinement, that of runs and the uniform one.</summary>
    public const int Count = 19;

    public const int Refinement = 14, Run = 17, Uniform = 18;

    /// <summary>In <see cref="Signs"/>: the decoded bit is inverted.</summary>
    public const int Inverted = 0x80;

    const int WindowSize = 512, FirstSign = 9;

    static readonly byte* s_significance = MakeSignificance();

    /// <summary>
    /// The context of a sign and <see cref="Inverted"/>, by the window's bits 1, 3, 5 and 7 in place, and one bit lower each whether that
    /// neighbor is negative.
    /// </summary>
    public static byte* Signs { get; } = MakeSigns();

    /// <summary>The context of significance, by the window without bit 4.</summary>
    public static byte* Significance(Jpeg2000BandKind band) => s_significance + (int)band * WindowSize;

    /// <summary>Sets a code block's contexts to the states that they begin in (table D.7).</summary>
    public static void Reset(ulong* contexts)
    {
        for (int i = 0; i < Count; i++)
            contexts[i] = MqDecoder.InitialContext(i switch { 0 => 4, Run => 3, Uniform => 46, _ => 0 });
    }

    static byte* MakeSignificance()
    {
        byte* table = (byte*)NativeMemory.Alloc(4 * WindowSize); // for as long as the program runs
        for (int band = 0; band < 4; band++)
        {
            for (uint window = 0; window < WindowSize; window++)
            {
                int horizontal = BitOperations.PopCount(window & 0b000_101_000), vertical = BitOperations.PopCount(window & 0b010_000_010);
                int diagonal = BitOperations.PopCount(window & 0b101_000_101);
                table[band * WindowSize + window] = (byte)((Jpeg2000BandKind)band switch
                {
                    Jpeg2000BandKind.Hh => OfDiagonals(diagonal, horizontal + vertical),
                    Jpeg2000BandKind.Hl => OfLines(vertical, horizontal, diagonal),
                    _ => OfLines(horizontal, vertical, diagonal),
                });
            }
        }
        return table;
    }

    /// <summary>Table D.1 for the bands that are not high in both directions.</summary>
    static int OfLines(int along, int across, int diagonal) => (along, across, diagonal) switch
    {
        (2, _, _) => 8,
        (1, >= 1, _) => 7,
        (1, 0, >= 1) => 6,
        (1, 0, 0) => 5,
        (_, 2, _) => 4,
        (_, 1, _) => 3,
        _ => Math.Min(diagonal, 2),
    };

    static int OfDiagonals(int diagonal, int others) => diagonal switch
    {
        >= 3 => 8,
        2 => others >= 1 ? 7 : 6,
        1 => 3 + Math.Min(others, 2),
        _ => Math.Min(others, 2),
    };

    /// <summary>Tables D.2 and D.3.</summary>
    static byte* MakeSigns()
    {
        byte* table = (byte*)NativeMemory.Alloc(256); // for as long as the program runs
        for (int index = 0; index < 256; index++)
        {
            int horizontal = Math.Clamp(Sign(index, 3) + Sign(index, 5), -1, 1);
            int vertical = Math.Clamp(Sign(index, 1) + Sign(index, 7), -1, 1);
            bool isInverted = horizontal < 0 || (horizontal == 0 && vertical < 0);
            if (isInverted)
                (horizontal, vertical) = (-horizontal, -vertical);
            int context = FirstSign + (horizontal == 0 ? vertical : 3 + vertical);
            table[index] = (byte)(context | (isInverted ? Inverted : 0));
        }
        return table;
    }

    static int Sign(int index, int bit) => (index >> bit & 1) == 0 ? 0 : (index >> (bit - 1) & 1) == 0 ? 1 : -1;
}
