using System.Globalization;

namespace SeverityEngine.Evaluation.Report;

/// <summary>A plot as inline SVG: values to places, lines, ticks and their labels. Colors come from the page's style sheet.</summary>
/// <param name="html">Where it goes.</param>
/// <param name="x">The values at the left and the right end.</param>
/// <param name="y">The values at the bottom and the top.</param>
sealed class Plot(HtmlWriter html, (double From, double To) x, (double From, double To) y)
{
    const double Width = 380, Height = 260, Left = 48, Right = 14, Top = 12, Bottom = 44;

    /// <summary>The place of a value, from the left.</summary>
    public double X(double value) => Left + ((value - x.From) / (x.To - x.From) * (Width - Left - Right));

    /// <summary>The place of a value, from the top.</summary>
    public double Y(double value) => Height - Bottom - ((value - y.From) / (y.To - y.From) * (Height - Top - Bottom));

    /// <summary>Begins the picture.</summary>
    /// <param name="description">What it shows, for those who do not see it.</param>
    public void Begin(string description) => html.Write(
        $"<svg class=\"plot\" viewBox=\"0 0 {Width:0} {Height:0}\" role=\"img\" aria-label=\"{description}\">");

    /// <summary>Draws the axes.</summary>
    /// <param name="xLabel">What the values are, below.</param>
    /// <param name="xStep">From one tick to the next.</param>
    /// <param name="yLabel">What the values are, at the left.</param>
    /// <param name="yStep">From one tick to the next.</param>
    public void Axes(string xLabel, double xStep, string yLabel, double yStep)
    {
        for (double tick = Math.Ceiling(y.From / yStep) * yStep; tick <= y.To + (yStep / 1000); tick += yStep)
        {
            html.Write($"<path class=\"grid\" d=\"M{Left:0.#} {Y(tick):0.#}H{Width - Right:0.#}\"/>");
            html.Write($"<text class=\"tick end\" x=\"{Left - 6:0.#}\" y=\"{Y(tick) + 4:0.#}\">{Label(tick)}</text>");
        }
        for (double tick = Math.Ceiling(x.From / xStep) * xStep; tick <= x.To + (xStep / 1000); tick += xStep)
        {
            html.Write($"<path class=\"axis\" d=\"M{X(tick):0.#} {Height - Bottom:0.#}v4\"/>");
            html.Write($"<text class=\"tick mid\" x=\"{X(tick):0.#}\" y=\"{Height - Bottom + 18:0.#}\">{Label(tick)}</text>");
        }
        html.Write($"<path class=\"axis\" d=\"M{Left:0.#} {Top:0.#}V{Height - Bottom:0.#}H{Width - Right:0.#}\"/>");
        html.Write($"<text class=\"mid\" x=\"{(Left + Width - Right) / 2:0.#}\" y=\"{Height - 6:0.#}\">{xLabel}</text>");
        double middle = (Top + Height - Bottom) / 2;
        html.Write($"<text class=\"mid\" transform=\"translate(13 {middle:0.#}) rotate(-90)\">{yLabel}</text>");
    }

    /// <summary>Draws a bar that stands on another or on the axis.</summary>
    public void Bar(string style, double from, double to, double bottom, double top) => html.Write(
        $"<path class=\"{style}\" d=\"M{X(from) + 1:0.#} {Y(bottom):0.#}V{Y(top):0.#}H{X(to) - 1:0.#}V{Y(bottom):0.#}z\"/>");

    /// <summary>Draws a line across.</summary>
    public void Line(string style, (double X, double Y) from, (double X, double Y) to) =>
        html.Write($"<path class=\"{style}\" d=\"M{X(from.X):0.#} {Y(from.Y):0.#}L{X(to.X):0.#} {Y(to.Y):0.#}\"/>");

    /// <summary>Fills a band across.</summary>
    public void Band(string style, double bottom, double top)
    {
        (double low, double high) = (Math.Max(bottom, y.From), Math.Min(top, y.To));
        html.Write($"<path class=\"{style}\" d=\"M{Left:0.#} {Y(low):0.#}H{Width - Right:0.#}V{Y(high):0.#}H{Left:0.#}z\"/>");
    }

    /// <summary>Writes a text at the right end of a line, above it.</summary>
    public void Note(double value, string text) =>
        html.Write($"<text class=\"said end\" x=\"{Width - Right - 2:0.#}\" y=\"{Y(value) - 4:0.#}\">{text}</text>");

    /// <summary>Draws points: all of one style are one path, so that thousands of them are no burden.</summary>
    public void Points(string style, IEnumerable<(double X, double Y)> points)
    {
        html.Write($"<path class=\"{style}\" d=\"");
        foreach ((double px, double py) in points)
            html.Write($"M{X(px):0.#} {Y(py):0.#}h0");
        html.Write($"\"/>");
    }

    /// <summary>Ends the picture.</summary>
    public void End() => html.Write($"</svg>");

    /// <summary>A step of ticks that divides a range into at most so many parts: 1, 2 or 5 times a power of ten.</summary>
    public static double Step(double range, int most, double least)
    {
        double step = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(range / most, least))));
        double[] steps = [step, 2 * step, 5 * step, 10 * step];
        return Math.Max(least, steps.First(s => range / s <= most + 1e-9));
    }

    static string Label(double value) => Math.Abs(value) < 1e-9 ? "0"
        : value.ToString("0.##", CultureInfo.InvariantCulture).Replace('-', '\u2212');
}
