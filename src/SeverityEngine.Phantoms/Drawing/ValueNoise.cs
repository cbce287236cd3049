namespace SeverityEngine.Phantoms.Drawing;

/// <summary>Smooth random hills: values on a lattice, four octaves of them, blended between.</summary>
readonly struct ValueNoise(ulong seed)
{
    const int Octaves = 4;

    /// <summary>About -1 to 1; the largest hills are 1 / <paramref name="frequency"/> wide.</summary>
    public float At(float x, float y, float frequency)
    {
        float sum = 0, weight = 1, weights = 0;
        for (int octave = 0; octave < Octaves; octave++)
        {
            sum += weight * Layer(x * frequency, y * frequency, seed + (ulong)octave);
            weights += weight;
            weight *= 0.5f;
            frequency *= 2;
        }
        return 2 * sum / weights - 1;
    }

    static float Layer(float x, float y, ulong seed)
    {
        float left = MathF.Floor(x), top = MathF.Floor(y);
        float across = Curves.Step(0, 1, x - left), down = Curves.Step(0, 1, y - top);
        int column = (int)left, row = (int)top;
        float upper = Blend(Corner(column, row, seed), Corner(column + 1, row, seed), across);
        float lower = Blend(Corner(column, row + 1, seed), Corner(column + 1, row + 1, seed), across);
        return Blend(upper, lower, down);
    }

    static float Blend(float from, float to, float share) => from + (to - from) * share;

    static float Corner(int column, int row, ulong seed) =>
        SplitMix64.Unit(SplitMix64.Mix(seed * 0x9E3779B97F4A7C15 ^ SplitMix64.Mix((ulong)(uint)column << 32 | (uint)row)));
}
