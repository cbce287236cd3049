using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace SeverityEngine.Imaging.Formats;

/// <summary>
/// What is said of a picture that is whole, but may not show what it is meant to. It is scored as it is: the score is the same with a
/// warning as without.
/// </summary>
static class ImageDoubts
{
    /// <summary>A 16-bit picture must go beyond the lowest of so many equal parts of its range: 12 bits in 16 do not.</summary>
    const int Parts = 16;

    /// <summary>Adds the warnings that any format's picture can have.</summary>
    public static void Add(XRayImage image, string name)
    {
        if (image.ChannelsDiffer)
            image.Warn(Colored(name));
        ReadOnlySpan<byte> pixels = image.Pixels.Data;
        if (image.BitsPerSample == 16)
        {
            ReadOnlySpan<ushort> wide = MemoryMarshal.Cast<byte, ushort>(pixels);
            if (!AddOneValue(image, wide, name) && !image.StatesBits)
                AddFewLevels(image, wide, name);
        }
        else
        {
            AddOneValue(image, pixels, name);
        }
    }

    public static string Colored(string name) => $"{name}: a color picture or photograph, whose channels differ; red alone is used";

    /// <summary>What is said of a file whose Exif metadata turn the picture.</summary>
    public static string Turned(int orientation, string name) =>
        $"{name}: its EXIF orientation, {orientation}, says that it is to be turned or mirrored; it is used as it is stored";

    // Both searches end at the first pixel that settles them, so that they cost nothing but where there is something to say.

    static bool AddOneValue<T>(XRayImage image, ReadOnlySpan<T> pixels, string name) where T : IEquatable<T>
    {
        T value = pixels[0];
        if (pixels.ContainsAnyExcept(value))
            return false;
        image.Warn($"{name}: all its pixels have one value, {value} of {image.MaxValue}"
            + (image.HasAlpha ? "; its alpha channel is ignored, and the picture may be in it" : ""));
        return true;
    }

    static void AddFewLevels(XRayImage image, ReadOnlySpan<ushort> pixels, string name)
    {
        int levels = (image.MaxValue + 1) / Parts;
        if (pixels.ContainsAnyExceptInRange((ushort)0, (ushort)(levels - 1)))
            return;
        image.Warn($"{name}: its values use at most {levels} of {image.MaxValue + 1} levels "
            + $"(the largest is {TensorPrimitives.Max(pixels)}); it is scored as dark as it is stored");
    }
}
