using System.Runtime.InteropServices;
using SeverityEngine.Phantoms.Drawing;

namespace SeverityEngine.Phantoms.Tests;

public class ChestPhantomTests
{
    const int Side = 256;

    static byte[] Pixels(ChestPhantom phantom)
    {
        using XRayImage image = phantom.Render();
        Assert.Equal((phantom.Width, phantom.Height, phantom.BitsPerSample), (image.Width, image.Height, image.BitsPerSample));
        return image.Pixels.Data.ToArray();
    }

    static ChestPhantom Small(long seed, double extent = 0) =>
        new() { Seed = seed, GeographicExtent = extent, Width = Side, Height = Side };

    static double Distance(IEnumerable<byte> a, IEnumerable<byte> b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Average();

    [Fact]
    public void The_same_seed_draws_the_same_pixels() => Assert.Equal(Pixels(Small(5, 4)), Pixels(Small(5, 4)));

    [Fact]
    public void Every_seed_draws_another_patient()
    {
        byte[][] patients = [.. Enumerable.Range(-3, 8).Select(seed => Pixels(Small(seed)))];
        for (int i = 0; i < patients.Length; i++)
        {
            for (int j = 0; j < i; j++)
                Assert.True(Distance(patients[i], patients[j]) > 2, $"{i} and {j}");
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(2.7)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(7.5)]
    [InlineData(8)]
    public void The_asked_extent_of_the_lungs_is_covered(double extent)
    {
        const int Points = 701;
        for (long seed = 0; seed < 5; seed++)
        {
            PhantomRenderer renderer = new(Small(seed, extent));
            int[] lung = new int[2], covered = new int[2];
            for (int i = 0; i < Points * Points; i++)
            {
                float u = (i % Points + 0.5f) * 2 / Points - 1, v = (i / Points + 0.5f) * 2 / Points - 1;
                if (!renderer.Anatomy.ShowsLung(u, v))
                    continue;
                lung[u > 0 ? 1 : 0]++;
                covered[u > 0 ? 1 : 0] += renderer.Opacities.Covers(u, v) ? 1 : 0;
            }
            // Two lungs fill a fifth to a half of a chest film.
            Assert.InRange((lung[0] + lung[1]) / (double)(Points * Points), 0.2, 0.5);
            Assert.Equal(extent, Score(covered[0] / (double)lung[0]) + Score(covered[1] / (double)lung[1]), 0.06);
        }

        // Raters' table: up to 25 % is 1, and on from there a score for each quarter; a whole score is the middle of its quarter.
        static double Score(double share) => share <= 0.125 ? share / 0.125 : 1 + (share - 0.125) / 0.25;
    }

    [Fact]
    public void Opacities_brighten_the_lungs_and_nothing_else()
    {
        ChestAnatomy anatomy = new PhantomRenderer(Small(9)).Anatomy;
        byte[] last = Pixels(Small(9));
        foreach (double extent in (double[])[2, 4, 6, 8])
        {
            byte[] pixels = Pixels(Small(9, extent));
            int lung = 0;
            double brighter = 0;
            for (int i = 0; i < pixels.Length; i++)
            {
                float u = (i % Side + 0.5f) * 2 / Side - 1, v = (i / Side + 0.5f) * 2 / Side - 1;
                bool inside = anatomy.Air(u, v, anatomy.ChestWall(v), anatomy.Mediastinum(v), anatomy.Diaphragm(u)) > 0;
                if (!inside)
                {
                    Assert.Equal(last[i], pixels[i]);
                    continue;
                }
                lung++;
                brighter += pixels[i] - last[i];
            }
            Assert.True(brighter / lung > 5, $"extent {extent}: {brighter / lung} levels");
            last = pixels;
        }
    }

    [Fact]
    public void A_higher_opacity_is_denser_over_the_same_extent()
    {
        double[] means = [.. ((double[])[1, 2, 3, 4, 5, 6]).Select(o => Pixels(Small(4, 5) with { Opacity = o }).Average(p => (double)p))];
        for (int i = 1; i < means.Length; i++)
            Assert.True(means[i] > means[i - 1] + 1, string.Join(", ", means));
    }

    [Theory]
    // Scores published for two X-rays by Cohen et al.'s system.
    [InlineData(5.978744940174467, 4.169582852893416)]
    [InlineData(3.067, 2.335)]
    [InlineData(0, 0)]
    public void The_usual_opacity_is_the_published_relation(double extent, double opacity)
    {
        Assert.Equal(opacity, ChestPhantom.UsualOpacity(extent), 0.001);
        Assert.Equal(opacity, new ChestPhantom { GeographicExtent = extent }.Opacity, 0.001);
    }

    [Fact]
    public void Sixteen_bits_are_the_same_picture_in_finer_steps()
    {
        byte[] coarse = Pixels(Small(3, 3));
        ushort[] fine = MemoryMarshal.Cast<byte, ushort>(Pixels(Small(3, 3) with { BitsPerSample = 16 })).ToArray();
        Assert.All(coarse.Zip(fine), pair => Assert.InRange(pair.Second / 257.0 - pair.First, -0.51, 0.51));
        Assert.True(fine.Distinct().Count() > 10_000);
    }

    [Fact]
    public void A_wide_or_tall_picture_has_the_square_ones_chest_in_its_middle()
    {
        byte[] square = Pixels(Small(2, 4));
        byte[] wide = Pixels(Small(2, 4) with { Width = Side + 100 }), tall = Pixels(Small(2, 4) with { Height = Side + 100 });
        // Noise differs, by a level or two.
        Assert.InRange(Distance(square, Enumerable.Range(0, Side).SelectMany(y => wide.Skip(y * (Side + 100) + 50).Take(Side))), 0.1, 2.5);
        Assert.InRange(Distance(square, tall.Skip(50 * Side)), 0.1, 2.5);
    }

    [Fact]
    public void A_seed_is_the_same_chest_at_every_size()
    {
        byte[] small = Pixels(Small(6, 5)), large = Pixels(Small(6, 5) with { Width = 2 * Side, Height = 2 * Side });
        IEnumerable<byte> halved = Enumerable.Range(0, Side * Side).Select(i =>
        {
            int at = i / Side * 2 * 2 * Side + i % Side * 2;
            return (byte)((large[at] + large[at + 1] + large[at + 2 * Side] + large[at + 2 * Side + 1]) / 4);
        });
        Assert.InRange(Distance(small, halved), 0, 2.5);
    }

    public static TheoryData<ChestPhantom> Impossible =>
    [
        Small(0) with { Width = 31 },
        Small(0) with { Height = 31 },
        Small(0) with { Width = 32_769 },
        Small(0) with { Width = 20_000, Height = 20_000 },
        Small(0) with { Width = -1 },
        Small(0) with { BitsPerSample = 12 },
        Small(0, -0.1),
        Small(0, 8.1),
        Small(0, double.NaN),
        Small(0, 3) with { Opacity = 6.1 },
        Small(0, 3) with { Opacity = -1 },
        Small(0, 3) with { Opacity = double.NaN },
        Small(0, 3) with { Opacity = 0 },
        Small(0) with { Opacity = 1 },
    ];

    [Theory]
    [MemberData(nameof(Impossible))]
    public void What_cannot_be_drawn_is_refused(ChestPhantom phantom)
    {
        Assert.Equal(SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => phantom.Render().Dispose()).Code);
        Assert.Equal(SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => phantom.Save("never.png")).Code);
        Assert.False(File.Exists("never.png"));
    }

    [Fact]
    public void Sixteen_bits_do_not_go_into_a_jpeg()
    {
        SeverityException error = Assert.Throws<SeverityException>(() => (Small(0) with { BitsPerSample = 16 }).Save("never.jpg"));
        Assert.Equal(SeverityError.InvalidArgument, error.Code);
        Assert.StartsWith("never.jpg: ", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists("never.jpg"));
    }
}
