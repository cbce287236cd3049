using System.Numerics.Tensors;

namespace SeverityEngine.Saliency;

/// <summary>The 256 steps that values between two ends become, as matplotlib draws them; where the ends are equal, the first.</summary>
readonly struct ColorSteps(float least, float largest)
{
    readonly float _factor = largest > least ? 256 / (largest - least) : 0;

    public static ColorSteps Of(ReadOnlySpan<float> values) => new(TensorPrimitives.Min(values), TensorPrimitives.Max(values));

    public int Of(float value) => Math.Clamp((int)((value - least) * _factor), 0, 255);
}

/// <summary>How a map's values are laid over gray: which color of viridis each has, and how much of it.</summary>
readonly struct MapColors
{
    /// <summary>Of 255 parts, those of the color from the scale's middle on: the X-ray shows through everywhere.</summary>
    const int MostColor = 178;

    readonly ColorSteps _steps;
    readonly bool _isEven;

    MapColors(ColorSteps steps, bool isEven)
    {
        _steps = steps;
        _isEven = isEven;
    }

    /// <summary>As published: from the map's least to its largest value, half transparent everywhere.</summary>
    public static MapColors Even(ReadOnlySpan<float> map) => new(ColorSteps.Of(map), isEven: true);

    /// <summary>From 0 to an end. At 0 and below nothing is drawn; the color grows with the value, to 70 % at half of the end.</summary>
    public static MapColors ByValue(float end) => new(new ColorSteps(0, end), isEven: false);

    /// <summary>Lays a value over gray.</summary>
    /// <param name="gray">The gray, 0 to 255.</param>
    /// <param name="value">The map's value there.</param>
    /// <param name="pixel">Takes red, green and blue.</param>
    public void Blend(int gray, float value, Span<byte> pixel)
    {
        int step = _steps.Of(value);
        ReadOnlySpan<byte> color = Viridis.Colors.Slice(3 * step, 3);
        if (_isEven)
        {
            for (int i = 0; i < 3; i++)
                pixel[i] = (byte)((gray + color[i] + 1) / 2);
            return;
        }
        int part = Parts(step);
        for (int i = 0; i < 3; i++)
            pixel[i] = (byte)((((255 - part) * gray) + (part * color[i]) + 127) / 255);
    }

    /// <summary>The parts of color in 255 at one of the 256 steps.</summary>
    static int Parts(int step) => Math.Min(MostColor, MostColor * 2 * step / 255);
}
