namespace SeverityEngine.Phantoms.Drawing;

/// <summary>The lungs' vessels: branches that wind outwards from each hilum and grow thin.</summary>
sealed class VesselTree
{
    const float StepLength = 0.024f, Thinnest = 0.0028f;

    readonly List<Segment> _segments = [];

    public VesselTree(ChestAnatomy anatomy, ulong seed)
    {
        SplitMix64 random = new(seed);
        foreach (bool left in (bool[])[false, true])
        {
            const int Branches = 11;
            float side = left ? 1 : -1, v = anatomy.HilumV(left);
            for (int i = 0; i < Branches; i++)
            {
                // From steeply up to steeply down.
                float down = -1.6f + 3.4f * (i + random.Next(0, 1)) / Branches;
                Grow(side * 0.15f, v + 0.05f * down, side, down, random.Next(0.009f, 0.018f), depth: 0, ref random);
            }
        }
    }

    /// <summary>Draws the vessels into rows, keeping the densest where they cross.</summary>
    /// <param name="rows">Rows of the picture, as wide as <paramref name="columns"/>.</param>
    /// <param name="columns">Each column's u.</param>
    /// <param name="firstV">The first row's v.</param>
    /// <param name="pitch">From a pixel to the next, in u and v.</param>
    public void Draw(Span<float> rows, ReadOnlySpan<float> columns, float firstV, float pitch)
    {
        int width = columns.Length, height = rows.Length / width;
        foreach (Segment s in _segments)
        {
            int top = Math.Max(0, (int)((Math.Min(s.V, s.V + s.Dv) - s.Radius - firstV) / pitch));
            int bottom = Math.Min(height - 1, (int)((Math.Max(s.V, s.V + s.Dv) + s.Radius - firstV) / pitch) + 1);
            int from = Math.Max(0, (int)((Math.Min(s.U, s.U + s.Du) - s.Radius - columns[0]) / pitch));
            int to = Math.Min(width - 1, (int)((Math.Max(s.U, s.U + s.Du) + s.Radius - columns[0]) / pitch) + 1);
            for (int y = top; y <= bottom; y++)
            {
                float v = firstV + y * pitch;
                for (int x = from; x <= to; x++)
                {
                    ref float value = ref rows[y * width + x];
                    value = Math.Max(value, s.At(columns[x], v));
                }
            }
        }
    }

    void Grow(float u, float v, float du, float dv, float radius, int depth, ref SplitMix64 random)
    {
        while (radius > Thinnest && Math.Abs(u) < 0.74f && Math.Abs(v) < 0.8f)
        {
            // Turned a little by adding a part of the direction at right angles.
            float turn = random.Next(-0.22f, 0.22f);
            (du, dv) = (du - turn * dv, dv + turn * du);
            float length = MathF.Sqrt(du * du + dv * dv);
            (du, dv) = (du / length, dv / length);
            _segments.Add(new Segment(u, v, du * StepLength, dv * StepLength, radius));
            u += du * StepLength;
            v += dv * StepLength;
            radius *= 0.925f;
            if (depth < 3 && random.Next(0, 1) < 0.24f)
            {
                float side = random.Next(0, 1) < 0.5f ? -0.75f : 0.75f;
                Grow(u, v, du - side * dv, dv + side * du, radius * 0.72f, depth + 1, ref random);
                radius *= 0.93f;
            }
        }
    }

    readonly record struct Segment(float U, float V, float Du, float Dv, float Radius)
    {
        public float At(float u, float v)
        {
            float x = u - U, y = v - V;
            float along = Math.Clamp((x * Du + y * Dv) / (Du * Du + Dv * Dv), 0, 1);
            x -= along * Du;
            y -= along * Dv;
            // A thick vessel takes more of the beam than a thin one.
            return (0.25f + 40 * Radius) * Curves.Bell((x * x + y * y) / (Radius * Radius));
        }
    }
}
