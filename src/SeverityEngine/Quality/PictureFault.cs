using System.Numerics.Tensors;

namespace SeverityEngine.Quality;

/// <summary>What has happened to a picture as a whole.</summary>
/// <param name="Turns">By how many quarters it was turned counterclockwise, 0 to 3.</param>
/// <param name="IsInverted">Whether black and white were exchanged.</param>
readonly record struct PictureFault(int Turns, bool IsInverted)
{
    /// <summary>How many there are; the first is none.</summary>
    public const int Count = 8;

    static readonly string[] s_names =
    [
        "upright", "turned counterclockwise by 90 degrees", "upside down", "turned clockwise by 90 degrees",
        "inverted", "inverted and turned counterclockwise by 90 degrees", "inverted and upside down",
        "inverted and turned clockwise by 90 degrees",
    ];

    /// <summary>Its place among all.</summary>
    public int Index => Turns + (IsInverted ? Count / 2 : 0);

    /// <summary>What it makes of a picture: the reasons stand in the order of the faults.</summary>
    public DomainReason Reason => Index == 0 ? DomainReason.None : DomainReason.Aspect + Index;

    /// <summary>Undoes the fault in a network's input, in place.</summary>
    /// <param name="input">The input, -1024 to 1024.</param>
    /// <param name="side">Its width and height.</param>
    public void Correct(Span<float> input, int side)
    {
        input = input[..(side * side)];
        for (int turns = Turns; turns is > 0 and < 4; turns++)
            TurnCounterclockwise(input, side);
        if (IsInverted)
            TensorPrimitives.Negate(input, input);
    }

    /// <summary>Turns a square by a quarter, in place.</summary>
    public static void TurnCounterclockwise(Span<float> square, int side)
    {
        // Mirrored along the diagonal, then upside down.
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < y; x++)
                (square[y * side + x], square[x * side + y]) = (square[x * side + y], square[y * side + x]);
        }
        for (int top = 0, bottom = side - 1; top < bottom; top++, bottom--)
        {
            for (int x = 0; x < side; x++)
                (square[top * side + x], square[bottom * side + x]) = (square[bottom * side + x], square[top * side + x]);
        }
    }

    /// <summary>The fault in words that follow "looks", for example <c>upside down</c>.</summary>
    public override string ToString() => s_names[Index];
}
