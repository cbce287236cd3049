using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Imaging.Pnm;

/// <summary>A PGM's or PPM's header (netpbm's pgm(5) and ppm(5)).</summary>
/// <param name="IsPlain">Whether samples are decimal numbers; else they are bytes or words, the most significant byte first.</param>
/// <param name="Channels">Samples a pixel: 1 for gray, 3 for red, green and blue.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="MaxValue">The sample of full white, 1 to 65535.</param>
/// <param name="DataAt">Where the samples begin.</param>
readonly record struct PnmHeader(bool IsPlain, int Channels, int Width, int Height, int MaxValue, int DataAt)
{
    const int MagicBytes = 2;

    /// <summary>Bytes a sample, in the file where it is not plain, and in memory.</summary>
    public int SampleBytes => MaxValue > byte.MaxValue ? 2 : 1;

    public long Samples => (long)Width * Height * Channels;

    /// <summary>The format's name, by its number of channels.</summary>
    public string Format => Channels == 1 ? "PGM" : "PPM";

    /// <summary>Whether a file begins with one of netpbm's marks: P, a character, and space or a comment.</summary>
    public static bool Begins(ReadOnlySpan<byte> file, ReadOnlySpan<byte> kinds) => file.Length > MagicBytes && file[0] == 'P'
        && kinds.Contains(file[1]) && (PnmText.IsSpace(file[MagicBytes]) || file[MagicBytes] == '#');

    public static PnmHeader Read(ReadOnlySpan<byte> file, string name, ImageLimits limits)
    {
        PnmText text = new(file, MagicBytes, name);
        int width = text.Next(), height = text.Next(), maxValue = text.Next();
        ImageChecks.Dimensions(width, height, name, limits);
        if (maxValue is < 1 or > ushort.MaxValue)
            throw ImageChecks.Corrupt(name, $"its header says that {maxValue} is full white, and 1 to {ushort.MaxValue} are possible");
        return new PnmHeader(file[1] is (byte)'2' or (byte)'3', file[1] is (byte)'3' or (byte)'6' ? 3 : 1,
            width, height, maxValue, text.At);
    }
}
