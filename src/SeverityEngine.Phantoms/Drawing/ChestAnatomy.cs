namespace SeverityEngine.Phantoms.Drawing;

/// <summary>
/// Where the organs lie, a little different for every seed. Places are (u, v): u from -1 at the left of the picture, which is the patient's
/// right, to 1; v from -1 at the top to 1.
/// </summary>
sealed class ChestAnatomy
{
    readonly float _apex, _lungWidth, _bodyWidth, _heartSize, _shoulders;
    readonly Side _right, _left;

    public ChestAnatomy(ulong seed)
    {
        SplitMix64 random = new(seed);
        _apex = random.Next(-0.79f, -0.72f);
        _lungWidth = random.Next(0.70f, 0.77f);
        _bodyWidth = _lungWidth + random.Next(0.15f, 0.22f);
        _heartSize = random.Next(0.92f, 1.08f);
        _shoulders = random.Next(-0.70f, -0.62f);
        float dome = random.Next(0.38f, 0.50f);
        _right = new Side(Dome: dome, Center: 0.38f, HilumV: random.Next(-0.08f, 0.0f));
        _left = new Side(Dome: dome + random.Next(0.03f, 0.08f), Center: 0.44f, HilumV: random.Next(-0.12f, -0.04f));
        GasBubble =
            (random.Next(0.34f, 0.46f), _left.Dome + random.Next(0.13f, 0.18f), random.Next(0.09f, 0.15f), random.Next(0.05f, 0.08f));
    }

    public float Apex => _apex;

    /// <summary>Air in the stomach: center and radii.</summary>
    public (float U, float V, float RadiusU, float RadiusV) GasBubble { get; }

    /// <summary>The height at which a lung's vessels enter it.</summary>
    public float HilumV(bool left) => (left ? _left : _right).HilumV;

    /// <summary>The lungs' outer border at a height, as a distance from the middle.</summary>
    public float ChestWall(float v)
    {
        float down = Math.Clamp((v - _apex) / (0.45f - _apex), 0, 1);
        float rest = 1 - down;
        return 0.16f + (_lungWidth - 0.16f) * MathF.Sqrt(Math.Max(0, 1 - rest * rest * MathF.Sqrt(rest)));
    }

    /// <summary>The lungs' inner border at a height, as a distance from the middle.</summary>
    public float Mediastinum(float v)
    {
        float down = Math.Clamp((v - _apex) / 0.6f, 0, 1);
        float rest = 1 - down;
        return 0.095f + 0.065f * rest * rest * rest;
    }

    /// <summary>The diaphragm's height over a column.</summary>
    public float Diaphragm(float u)
    {
        Side side = u > 0 ? _left : _right;
        float away = (Math.Abs(u) - side.Center) / 0.40f;
        // A dome, and the costophrenic angle at its outer end.
        float outer = Math.Max(0, away);
        return side.Dome + 0.12f * away * away + 0.14f * outer * outer * outer * outer;
    }

    /// <summary>How much air the beam meets, 0 to 1; 0 outside the lungs.</summary>
    public float Air(float u, float v, float chestWall, float mediastinum, float diaphragm)
    {
        float x = Math.Abs(u);
        if (v <= _apex || v >= diaphragm || x <= mediastinum || x >= chestWall)
            return 0;
        return Curves.Bulge(chestWall - x, 0.19f) * (0.35f + 0.65f * Curves.Bulge(x - mediastinum, 0.20f))
            * Curves.Step(0, 0.03f, x - mediastinum) * Curves.Bulge(v - _apex, 0.34f)
            * (0.45f + 0.55f * Curves.Bulge(diaphragm - v, 0.20f)) * Curves.Step(0, 0.022f, diaphragm - v);
    }

    /// <summary>How thick the heart and the great vessels are, 0 to about 1.5; 0 beside them.</summary>
    public float Heart(float u, float v)
    {
        float size = _heartSize;
        // The long axis points down to the patient's left; the lower border lies on the diaphragm.
        float x = u - 0.13f, y = v - 0.22f;
        float along = 0.81f * x + 0.59f * y, across = 0.81f * y - 0.59f * x;
        float ventricles = Curves.Ellipsoid(along, across, 0.37f * size, 0.25f * size);
        float atrium = Curves.Ellipsoid(u + 0.04f, v - 0.20f, 0.150f * size, 0.27f);
        float aorta = 0.7f * Curves.Ellipsoid(u - 0.055f, v + 0.33f, 0.115f, 0.14f);
        float pulmonary = 0.7f * Curves.Ellipsoid(u - 0.075f, v + 0.12f, 0.125f, 0.22f);
        float cava = 0.6f * Curves.Ellipsoid(u + 0.05f, v + 0.25f, 0.095f, 0.48f);
        // The root of the sum of squares: a union without seams.
        return MathF.Sqrt(ventricles * ventricles + 0.8f * atrium * atrium + aorta * aorta + pulmonary * pulmonary + cava * cava);
    }

    /// <summary>Whether a place shows lung on the film: in a lung and beside the heart.</summary>
    public bool ShowsLung(float u, float v) => Air(u, v, ChestWall(v), Mediastinum(v), Diaphragm(u)) > 0 && Heart(u, v) == 0;

    /// <summary>The body's outline at a height, as a distance from the middle.</summary>
    public float Outline(float v)
    {
        float trunk = _bodyWidth + 0.04f * Curves.Step(-0.2f, 1, v);
        float shoulder = 0.24f + 1.15f * Curves.Step(_shoulders - 0.36f, _shoulders, v);
        float arms = 0.55f * (1 - Curves.Step(-0.50f, -0.18f, v));
        return Math.Min(shoulder, trunk + arms);
    }

    readonly record struct Side(float Dome, float Center, float HilumV);
}
