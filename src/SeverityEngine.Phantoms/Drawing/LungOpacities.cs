namespace SeverityEngine.Phantoms.Drawing;

/// <summary>
/// Ground glass and consolidation: in each lung the asked share of the area that the film shows. A random landscape, higher at the lungs'
/// borders and bases where pneumonia likes to be, is flooded down to the level that gives that share.
/// </summary>
/// <remarks>Worked out on a fixed grid, so that a seed's opacities are the same at every picture size.</remarks>
sealed class LungOpacities
{
    const int Grid = 512;
    const float Softness = 0.34f;

    readonly float[] _landscape = [];
    readonly float[] _level = new float[2];
    readonly float _density;

    public LungOpacities(ChestAnatomy anatomy, ulong seed, double extent, double opacity)
    {
        if (extent == 0)
            return;
        _landscape = new float[Grid * Grid];
        _density = Density((float)opacity / 2);
        SplitMix64 random = new(seed);
        // One lung often has more than the other; both scores together are what was asked.
        float most = (float)Math.Min(Math.Min(extent / 2, 4 - extent / 2), 0.6);
        float more = random.Next(-most, most);
        ValueNoise hills = new(random.Next()), grain = new(random.Next());

        List<float>[] heights = [[], []];
        for (int y = 0; y < Grid; y++)
        {
            float v = Place(y), wall = anatomy.ChestWall(v);
            for (int x = 0; x < Grid; x++)
            {
                float u = Place(x);
                float outward = Math.Abs(u) / wall;
                float height = 1.5f * hills.At(u, v, 3.1f) + 0.30f * grain.At(u, v, 17) + 0.45f * outward * outward + 0.55f * v;
                _landscape[y * Grid + x] = height;
                if (anatomy.ShowsLung(u, v))
                    heights[u > 0 ? 1 : 0].Add(height);
            }
        }
        for (int lung = 0; lung < 2; lung++)
        {
            float share = Share((float)extent / 2 + (lung == 0 ? more : -more));
            heights[lung].Sort();
            int dry = (int)((1 - share) * heights[lung].Count);
            _level[lung] = heights[lung][Math.Min(dry, heights[lung].Count - 1)];
        }
    }

    /// <summary>
    /// The share of a lung for its score: 0 none, 1 under 25 %, 2 25 to 50 %, 3 50 to 75 %, 4 above; whole scores in the middle.
    /// </summary>
    public static float Share(float score) => score <= 1 ? 0.125f * score : 0.125f + 0.25f * (score - 1);

    /// <summary>How much of the lung's air is lost at a place, 0 to 1.</summary>
    public float At(float u, float v)
    {
        if (_landscape.Length == 0)
            return 0;
        // Half of the density at the flood's edge; the deeper, the denser.
        float depth = Depth(u, v);
        return _density * Curves.Step(-Softness, Softness, depth) * (0.8f + 0.2f * Curves.Step(0, 1.2f, depth));
    }

    /// <summary>Whether a place in a lung belongs to its share.</summary>
    public bool Covers(float u, float v) => _landscape.Length > 0 && Depth(u, v) >= 0;

    float Depth(float u, float v)
    {
        float x = Math.Clamp((u + 1) / 2 * Grid - 0.5f, 0, Grid - 1.001f), y = Math.Clamp((v + 1) / 2 * Grid - 0.5f, 0, Grid - 1.001f);
        int column = (int)x, row = (int)y, at = row * Grid + column;
        float upper = _landscape[at] + (_landscape[at + 1] - _landscape[at]) * (x - column);
        float lower = _landscape[at + Grid] + (_landscape[at + Grid + 1] - _landscape[at + Grid]) * (x - column);
        return upper + (lower - upper) * (y - row) - _level[u > 0 ? 1 : 0];
    }

    /// <summary>How much air is lost for a lung's opacity score: 0 none, 1 ground glass, 2 consolidation, 3 white-out.</summary>
    static float Density(float score) => score <= 2 ? 0.36f * score : 0.72f + 0.26f * (score - 2);

    /// <summary>The place of a grid point's center.</summary>
    static float Place(int at) => (at + 0.5f) * (2f / Grid) - 1;
}
