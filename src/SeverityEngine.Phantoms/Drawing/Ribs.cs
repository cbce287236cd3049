namespace SeverityEngine.Phantoms.Drawing;

/// <summary>
/// The ribs: tilted half-ellipses on either side, the upper arc behind the lungs, the lower one, which fades, before them.
/// </summary>
sealed class Ribs
{
    const int Pairs = 9;

    readonly Rib[] _ribs = new Rib[Pairs];

    public Ribs(ChestAnatomy anatomy, ulong seed)
    {
        SplitMix64 random = new(seed);
        float spacing = random.Next(0.118f, 0.130f), tilt = random.Next(0.24f, 0.34f);
        for (int i = 0; i < Pairs; i++)
        {
            float start = anatomy.Apex - 0.02f + spacing * i;
            float width = 1.05f * anatomy.ChestWall(start + 0.12f);
            float drop = tilt * (0.5f + 0.045f * i);
            _ribs[i] = new Rib(start + 0.055f + 0.010f * i, drop, width, 0.085f + 0.011f * i, random.Next(0.021f, 0.025f));
        }
    }

    /// <summary>Adds the ribs' density to a row.</summary>
    public void AddTo(Span<float> row, ReadOnlySpan<float> columns, float v, float density)
    {
        foreach (Rib rib in _ribs)
        {
            float top = rib.V - rib.Height - 2 * rib.Half, bottom = rib.V + rib.Drop + rib.Height + 2 * rib.Half;
            if (v < top || v > bottom)
                continue;
            for (int i = 0; i < row.Length; i++)
            {
                float x = Math.Abs(columns[i]);
                if (x < rib.Width + rib.Half)
                    row[i] += density * rib.At(x, v);
            }
        }
    }

    readonly record struct Rib(float V, float Drop, float Width, float Height, float Half)
    {
        public float At(float x, float v)
        {
            float across = x / Width, up = (v - V - Drop * across) / Height;
            float slopeX = (across - up * Drop / Height) / Width, slopeV = up / Height;
            float steepness = slopeX * slopeX + slopeV * slopeV;
            float level = (across * across + up * up - 1) / 2;
            // The distance to the curve, to first order, squared, in half widths.
            float squared = level * level / (steepness * Half * Half + 1e-9f);
            if (squared >= 1)
                return 0;
            float strength = up < 0 ? Curves.Step(0.08f, 0.16f, across) : 0.45f * Curves.Step(0.45f, 0.85f, across);
            // Bone is dense at its surface: the borders are brighter than the middle.
            float edge = Math.Max(0, 1 - (squared - 0.62f) * (squared - 0.62f) * 9);
            return strength * (0.62f * MathF.Sqrt(1 - squared) + 0.38f * edge);
        }
    }
}
