namespace SeverityEngine.Saliency;

/// <summary>
/// Where a <see cref="SaliencyPanel"/> has its parts, in pixels: a line of text, below it the X-ray, the map and the bar of colors side by
/// side, and lines of text.
/// </summary>
/// <param name="Width">Width of the X-ray, and of the map.</param>
/// <param name="Height">Their height.</param>
readonly record struct PanelLayout(int Width, int Height)
{
    /// <summary>Width of the colors' bar in dots of the font.</summary>
    public const int BarWidth = 10;

    /// <summary>The room for the values at the bar's ends, likewise.</summary>
    const int LabelWidth = 9 * BitmapFont.Advance;

    /// <summary>The characters that there is always room for in a line.</summary>
    const int Characters = 66;

    /// <summary>Side of a dot of the font: the text grows with the pictures.</summary>
    public int Dot => Math.Max(1, Width / 224);

    /// <summary>Between two parts, and around them.</summary>
    public int Gap => 8 * Dot;

    /// <summary>From one line of text to the next.</summary>
    public int Line => (BitmapFont.Rows + 3) * Dot;

    /// <summary>Where the X-ray, the map and the bar begin.</summary>
    public int Top => Gap + Line;

    /// <summary>The map's left border.</summary>
    public int MapX => (2 * Gap) + Width;

    /// <summary>The bar's left border.</summary>
    public int BarX => (3 * Gap) + (2 * Width);

    /// <summary>The bar's height: its ends' values have room beside it.</summary>
    public int BarHeight => Math.Max(Height, 3 * Line);

    /// <summary>The left border of the values at the bar's ends.</summary>
    public int LabelX => BarX + ((BarWidth + 3) * Dot);

    /// <summary>Where the text below the pictures begins.</summary>
    public int Below => Top + BarHeight + Gap;

    /// <summary>Width of the whole panel.</summary>
    public int CanvasWidth => Math.Max(LabelX + (LabelWidth * Dot), (2 * Gap) + (Characters * BitmapFont.Advance * Dot));

    /// <summary>Height of the whole panel.</summary>
    /// <param name="lines">Lines of text below the pictures.</param>
    public int CanvasHeight(int lines) => Below + (lines * Line) + Gap;

    /// <summary>The layout of a panel whose size is known.</summary>
    /// <param name="canvasWidth">The panel's width.</param>
    /// <param name="canvasHeight">Its height.</param>
    /// <param name="lines">Lines of text below its pictures.</param>
    /// <returns>
    /// The layout, whose pictures are as high as the bar at least, with ground below lower ones; null where no panel has this size, and
    /// where the text alone makes it this wide: its pictures could have any width then.
    /// </returns>
    public static PanelLayout? Of(int canvasWidth, int canvasHeight, int lines)
    {
        // The panel grows with its pictures, by two or more pixels for each of theirs.
        for (int width = 1; width <= canvasWidth / 2; width++)
        {
            PanelLayout layout = new(width, 0);
            int height = canvasHeight - layout.CanvasHeight(lines) + layout.BarHeight;
            layout = layout with { Height = height };
            bool isWide = layout.CanvasWidth == layout.LabelX + (LabelWidth * layout.Dot);
            if (isWide && layout.CanvasWidth == canvasWidth && height > 0 && layout.CanvasHeight(lines) == canvasHeight)
                return layout;
        }
        return null;
    }
}
