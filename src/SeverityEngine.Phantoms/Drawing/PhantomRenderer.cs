using System.Buffers;
using System.Runtime.InteropServices;

namespace SeverityEngine.Phantoms.Drawing;

/// <summary>Adds up what the beam meets at every pixel, then develops the film: tone and noise.</summary>
sealed class PhantomRenderer
{
    const int BandRows = 32;

    readonly ChestPhantom _phantom;
    readonly ChestAnatomy _anatomy;
    readonly Ribs _ribs;
    readonly VesselTree _vessels;
    readonly LungOpacities _opacities;
    readonly ValueNoise _tissue;
    readonly ulong _grain;
    readonly float[] _columns, _diaphragm;
    readonly float _pitch;

    public PhantomRenderer(ChestPhantom phantom)
    {
        _phantom = phantom;
        // Each part draws its own numbers: opacities change nothing else in the picture.
        SplitMix64 seeds = new((ulong)phantom.Seed);
        _anatomy = new ChestAnatomy(seeds.Next());
        _ribs = new Ribs(_anatomy, seeds.Next());
        _vessels = new VesselTree(_anatomy, seeds.Next());
        _tissue = new ValueNoise(seeds.Next());
        _grain = seeds.Next();
        _opacities = new LungOpacities(_anatomy, seeds.Next(), phantom.GeographicExtent, phantom.Opacity);

        // The chest fills the middle square, which is what the engine looks at.
        _pitch = 2f / Math.Min(phantom.Width, phantom.Height);
        _columns = new float[phantom.Width];
        _diaphragm = new float[phantom.Width];
        for (int x = 0; x < _columns.Length; x++)
        {
            _columns[x] = Place(x, phantom.Width);
            _diaphragm[x] = _anatomy.Diaphragm(_columns[x]);
        }
    }

    public ChestAnatomy Anatomy => _anatomy;

    public LungOpacities Opacities => _opacities;

    /// <summary>Draws the picture into memory of Width x Height samples.</summary>
    public void Render(byte[] pixels)
    {
        int bands = (_phantom.Height + BandRows - 1) / BandRows;
        Parallel.For(0, bands, band => RenderBand(pixels, band * BandRows, Math.Min(BandRows, _phantom.Height - band * BandRows)));
    }

    void RenderBand(byte[] pixels, int first, int rows)
    {
        int width = _phantom.Width, count = rows * width;
        float[] rented = ArrayPool<float>.Shared.Rent(count + width);
        try
        {
            Span<float> vessels = rented.AsSpan(0, count), density = rented.AsSpan(count, width);
            vessels.Clear();
            _vessels.Draw(vessels, _columns, Place(first, _phantom.Height), _pitch);
            for (int y = 0; y < rows; y++)
            {
                float v = Place(first + y, _phantom.Height);
                AddTissue(density, vessels.Slice(y * width, width), v);
                _ribs.AddTo(density, _columns, v, 0.14f);
                AddSpineAndGirdle(density, v);
                long at = (long)(first + y) * width;
                if (_phantom.BitsPerSample == 16)
                    Develop(density, MemoryMarshal.Cast<byte, ushort>(pixels.AsSpan()).Slice((int)at, width), at);
                else
                    Develop(density, pixels.AsSpan((int)at, width), at);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <summary>Soft tissue, lungs with their vessels and opacities, heart, abdomen.</summary>
    void AddTissue(Span<float> density, ReadOnlySpan<float> vessels, float v)
    {
        const float AirWeight = 1.16f, Bases = 0.55f;
        float wall = _anatomy.ChestWall(v), inner = _anatomy.Mediastinum(v), outline = _anatomy.Outline(v);
        (float bubbleU, float bubbleV, float bubbleWidth, float bubbleHeight) = _anatomy.GasBubble;
        for (int x = 0; x < density.Length; x++)
        {
            float u = _columns[x], aside = Math.Abs(u), diaphragm = _diaphragm[x];
            if (aside >= outline)
            {
                density[x] = 0;
                continue;
            }
            float body = Curves.Bulge(outline - aside, 0.42f * outline);
            float sum = 1.40f * body + 0.14f * Curves.Step(0, 0.03f, outline - aside);
            sum += 0.08f * _tissue.At(u, v, 2.2f) * body;
            float heart = _anatomy.Heart(u, v);
            float air = _anatomy.Air(u, v, wall, inner, diaphragm);
            if (air > 0)
                sum -= air * (AirWeight * (1 - _opacities.At(u, v)) - 0.34f * vessels[x] * (1 - Curves.Step(0, 0.5f, heart)));
            else if (aside < wall + 0.05f)
                sum += Bases * Curves.Step(0, 0.25f, v - diaphragm) * Curves.Bulge(wall + 0.05f - aside, 0.5f);
            if (heart > 0)
                sum += (0.16f * Curves.Step(0, 0.30f, heart) + 0.60f * heart) * (1 - Curves.Step(-0.12f, 0.10f, v - diaphragm));
            sum += 0.34f * Curves.Step(-1.0f, -0.3f, v) * Curves.Bulge(inner - aside, 0.12f) * (aside < inner ? 1 : 0);
            sum -= 0.55f * Curves.Ellipsoid(u - bubbleU, v - bubbleV, bubbleWidth, bubbleHeight);
            density[x] = Math.Max(0.02f, sum);
        }
    }

    /// <summary>Vertebrae, windpipe, clavicles, shoulder blades.</summary>
    void AddSpineAndGirdle(Span<float> density, float v)
    {
        const float Vertebra = 0.118f;
        float within = (v + 2) / Vertebra;
        within -= MathF.Floor(within);
        float disc = Curves.Bell((within - 0.5f) * (within - 0.5f) * 40), half = 0.074f + 0.012f * v - 0.008f * disc;
        for (int x = 0; x < density.Length; x++)
        {
            float u = _columns[x], aside = Math.Abs(u);
            if (density[x] == 0 || aside > 1.05f)
                continue;
            if (aside < half)
                density[x] += (0.20f + 0.04f * v) * (1 - 0.35f * disc) * Curves.Step(0, 0.018f, half - aside);
            // The spinous process.
            density[x] += 0.10f * Curves.Bell(u * u / 0.0003f + (within - 0.15f) * (within - 0.15f) * 14);
            float windpipe = (u + 0.008f + 0.012f * v) / 0.036f;
            density[x] -= 0.30f * Curves.Bell(windpipe * windpipe) * Curves.Step(-0.25f, -0.42f, v);
            density[x] += 0.26f * Clavicle(aside, v) + 0.08f * ShoulderBlade(aside, v);
        }
    }

    float Clavicle(float aside, float v)
    {
        float along = (aside - 0.07f) / 0.80f;
        if (along is < 0 or > 1.2f)
            return 0;
        // An S: down from the breastbone's end, then up to the shoulder.
        float center = _anatomy.Apex + 0.20f - 0.05f * along - 0.34f * along * along + 0.19f * along * along * along;
        float half = 0.030f + 0.010f * Curves.Step(0.2f, 0, along);
        float squared = (v - center) * (v - center) / (half * half);
        if (squared >= 1)
            return 0;
        float edge = Math.Max(0, 1 - (squared - 0.6f) * (squared - 0.6f) * 9);
        return Curves.Step(0, 0.05f, along) * (0.55f * MathF.Sqrt(1 - squared) + 0.45f * edge);
    }

    float ShoulderBlade(float aside, float v)
    {
        float down = (v - _anatomy.Apex - 0.05f) / 0.75f;
        if (down is < 0 or > 1)
            return 0;
        float border = 0.70f + 0.10f * down - 0.10f * down * down, outer = border + 0.30f * (1 - down);
        return Curves.Step(0, 0.015f, aside - border) * Curves.Step(0, 0.06f, outer - aside)
            * Curves.Step(0, 0.2f, 1 - down) * Curves.Step(0, 0.12f, down);
    }

    void Develop(ReadOnlySpan<float> density, Span<byte> pixels, long first)
    {
        for (int x = 0; x < density.Length; x++)
            pixels[x] = (byte)(Film(density[x], first + x) * byte.MaxValue + 0.5f);
    }

    void Develop(ReadOnlySpan<float> density, Span<ushort> pixels, long first)
    {
        for (int x = 0; x < density.Length; x++)
            pixels[x] = (ushort)(Film(density[x], first + x) * ushort.MaxValue + 0.5f);
    }

    float Film(float density, long pixel)
    {
        float square = density * density;
        float tone = 0.03f + 0.95f * (square / (square + 0.85f));
        // Four 16-bit numbers added are all but normal; the less of the beam comes through, the more it flickers.
        ulong bits = SplitMix64.Mix(_grain + (ulong)pixel * 0x9E3779B97F4A7C15);
        int sum = (int)(bits & 0xFFFF) + (int)(bits >> 16 & 0xFFFF) + (int)(bits >> 32 & 0xFFFF) + (int)(bits >> 48);
        float normal = (sum - 131_070) * (1 / 37_837f);
        return Math.Clamp(tone + normal * (0.003f + 0.006f * tone), 0, 1);
    }

    float Place(int at, int length) => (at + 0.5f - length * 0.5f) * _pitch;
}
