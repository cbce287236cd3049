namespace SeverityEngine.Phantoms.Drawing;

/// <summary>
/// The few curves that phantoms are drawn with. Only additions, multiplications, divisions and square roots are used, whose results IEEE
/// 754 fixes to the last bit: a phantom is the same on every machine.
/// </summary>
static class Curves
{
    /// <summary>0 below <paramref name="from"/>, 1 above <paramref name="to"/>, smooth between.</summary>
    public static float Step(float from, float to, float value)
    {
        float t = Math.Clamp((value - from) / (to - from), 0, 1);
        return t * t * (3 - 2 * t);
    }

    /// <summary>
    /// 0 at 0, rising at once, level from <paramref name="width"/> on: how thick a rounded body is at a distance from its edge.
    /// </summary>
    public static float Bulge(float distance, float width)
    {
        float t = 1 - Math.Clamp(distance / width, 0, 1);
        return 1 - t * t;
    }

    /// <summary>1 at 0, 0 from 1 on: a bell.</summary>
    public static float Bell(float squaredDistance)
    {
        float t = Math.Max(0, 1 - squaredDistance);
        return t * t;
    }

    /// <summary>How thick an ellipsoid is at a point of its shadow, 0 to 1.</summary>
    public static float Ellipsoid(float x, float y, float radiusX, float radiusY) =>
        MathF.Sqrt(Math.Max(0, 1 - x * x / (radiusX * radiusX) - y * y / (radiusY * radiusY)));
}
