using System.Numerics.Tensors;
using System.Text.Json;
using SeverityEngine.Models.Domain;
using SeverityEngine.Preprocessing;
using SeverityEngine.Quality;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests.Domain;

public class DomainFitTests
{
    static JsonElement Expected { get; } = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "domain", "expected.json"))).RootElement;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("many_images")]
    [InlineData("many_features")]
    public void Principal_directions_are_those_of_scikit_learn(string name)
    {
        JsonElement expected = Expected.GetProperty(name);
        int count = expected.GetProperty("features").GetInt32();
        FeatureStatistics statistics =
            PrincipalDirections.Fit(Roots(ClusteredSamples.Make(expected.GetProperty("images").GetInt32(), count, 7, 11)), Cancellation);
        double[] variance = Numbers(expected, "variance");
        Assert.Equal(32, statistics.Variance.Length);
        Assert.All(variance.Zip(statistics.Variance), v => Assert.Equal(1, v.Second / v.First, 1e-5));
        Assert.Equal(1, statistics.ResidualVariance / expected.GetProperty("residual_variance").GetDouble(), 1e-5);
        // Distances have the directions in them.
        double[] distances = Numbers(expected, "distances");
        float[][] others = Roots(ClusteredSamples.Make(distances.Length, count, 7, 12));
        for (int i = 0; i < distances.Length; i++)
        {
            TensorPrimitives.Subtract(others[i], statistics.Mean, others[i]);
            Assert.Equal(1, DomainCheck.FeatureDistance(others[i], statistics) / distances[i], 1e-4);
        }
    }

    [Fact]
    public void Features_that_vary_in_few_directions_have_so_many()
    {
        // Eight features, twice each: the other eight directions have rounding in them alone.
        float[][] rows = [.. ClusteredSamples.Make(120, 8, 3, 5).Select(r => (float[])[.. r, .. r])];
        FeatureStatistics statistics = PrincipalDirections.Fit(rows, Cancellation);
        Assert.Equal(8, statistics.Variance.Length);
        Assert.True(statistics.ResidualVariance > 0);
        float[] row = [.. rows[0]];
        TensorPrimitives.Subtract(row, statistics.Mean, row);
        Assert.InRange(DomainCheck.FeatureDistance(row, statistics), 0, 30);
        row[0] += 1;
        Assert.True(DomainCheck.FeatureDistance(row, statistics) > 1000);
    }

    [Fact]
    public void Clusters_are_as_close_as_scikit_learns()
    {
        float[][] rows = ClusteredSamples.Make(400, 256, 60, 21);
        Assert.All(Expected.GetProperty("k_means").EnumerateArray(), expected =>
        {
            int count = expected.GetProperty("clusters").GetInt32();
            KMeans clusters = KMeans.Fit(rows, count, 10, new Random(1), Cancellation);
            Assert.Equal(count, clusters.Centers.Length);
            Assert.Equal(400, clusters.Sizes.Sum());
            Assert.All(clusters.Sizes, s => Assert.True(s > 0));
            // Neither finds the best there is; a single cluster is sure.
            double ratio = clusters.Inertia / expected.GetProperty("inertia").GetDouble();
            Assert.InRange(ratio, count == 1 ? 0.99999 : 0.9, count == 1 ? 1.00001 : 1.03);
        });
    }

    [Fact]
    public void Rows_that_are_fewer_than_the_clusters_are_clusters_of_their_own()
    {
        float[][] rows = [[0, 0], [0, 0], [5, 0], [0, 9]];
        KMeans clusters = KMeans.Fit(rows, 4, 1, new Random(1), Cancellation);
        Assert.Equal(0, clusters.Inertia);
    }

    [Fact]
    public void Odd_images_are_no_prototypes()
    {
        // Three images that are far from all others would be a cluster of their own, were it not too small.
        float[][] usual = ClusteredSamples.Make(300, 256, 5, 41);
        float[][] odd = [.. usual.Take(3).Select(r => r.Select(v => -20 - v).ToArray())];
        float[] prototypes = Prototypes.Fit([.. usual, .. odd], 1, Cancellation);
        Assert.InRange(prototypes.Length / Thumbnail.Length, 5, 30);
        Assert.All(prototypes.Chunk(Thumbnail.Length), p => Assert.True(TensorPrimitives.Min<float>(p) > -10));
    }

    [Fact]
    public void Quantiles_are_those_of_numpy()
    {
        float[] values = ClusteredSamples.Make(1, 77, 1, 31)[0];
        Assert.All(Expected.GetProperty("quantiles").EnumerateArray(), expected => Assert.Equal(
            expected.GetProperty("value").GetDouble(),
            DomainFit.QuantileOf([.. values.Select(v => (double)v)], expected.GetProperty("share").GetDouble()), 1e-12));
    }

    [Fact]
    public void A_threshold_accepts_its_share_of_images_that_it_never_saw()
    {
        float[][] all = ClusteredSamples.Make(2400, 256, 12, 51);
        // Of the same images, but nothing that a thumbnail is made of.
        float[][] features = [.. ClusteredSamples.Make(2400, 64, 9, 52)];
        DomainStatistics statistics = DomainFit.Run(all[..400], features[..400], cancellation: Cancellation);
        Assert.Equal((400, 0.9875, new AspectRange(0.65, 1.6)), (statistics.Images, statistics.Quantile, statistics.Aspect));
        double pictures = all[400..].Count(p => DomainCheck.PictureDistance(p, statistics.Picture) > statistics.Picture.Threshold);
        double outside = Roots(features[400..]).Count(r =>
        {
            TensorPrimitives.Subtract(r, statistics.Features!.Mean, r);
            return DomainCheck.FeatureDistance(r, statistics.Features) > statistics.Features.Threshold;
        });
        // 1.25 % of 2000 are 25; with 400 images to set it, between 4 and 60 nearly always.
        Assert.InRange(pictures, 4, 60);
        Assert.InRange(outside, 4, 60);
    }

    [Fact]
    public void The_same_images_give_the_same_statistics_in_any_order()
    {
        float[][] pictures = ClusteredSamples.Make(120, 256, 9, 61), features = ClusteredSamples.Make(120, 40, 9, 62);
        int[] order = [.. Enumerable.Range(0, 120)];
        new Random(7).Shuffle(order);
        List<double> heard = [];
        string first = DomainText.Write(DomainFit.Run(pictures, features, null, new Listener(heard), Cancellation));
        string again = DomainText.Write(DomainFit.Run(
            [.. order.Select(i => pictures[i])], [.. order.Select(i => features[i])],
            cancellation: Cancellation));
        Assert.Equal(first, again);
        Assert.Equal(40, DomainText.Read(first, 40).Features!.Mean.Length);
        Assert.Equal([.. Enumerable.Range(1, 12).Select(i => i / 12.0)], heard);
    }

    [Fact]
    public void Few_images_are_described_by_their_pictures_alone()
    {
        float[][] pictures = ClusteredSamples.Make(99, 256, 9, 61), features = ClusteredSamples.Make(99, 40, 9, 62);
        Assert.Null(DomainFit.Run(pictures, features, cancellation: Cancellation).Features);
        Assert.Null(DomainFit.Run(pictures, [], cancellation: Cancellation).Features);
    }

    [Fact]
    public void Known_features_stay_where_images_are_few_and_accept_these_too()
    {
        float[][] pictures = ClusteredSamples.Make(99, 256, 9, 61), features = ClusteredSamples.Make(99, 40, 9, 62);
        FeatureStatistics known = PrincipalDirections.Fit(Roots(ClusteredSamples.Make(200, 40, 9, 62)), Cancellation);
        FeatureStatistics wide = DomainFit.Run(pictures, features, known with { Threshold = 1e9 }, cancellation: Cancellation).Features!;
        Assert.Equal(known with { Threshold = 1e9 }, wide);
        FeatureStatistics raised = DomainFit.Run(pictures, features, known, cancellation: Cancellation).Features!;
        int outside = Roots(features).Count(row =>
        {
            TensorPrimitives.Subtract(row, raised.Mean, row);
            return DomainCheck.FeatureDistance(row, raised) > raised.Threshold;
        });
        // 1.25 % of 99.
        Assert.InRange(outside, 1, 2);
        Assert.Same(known.Basis, raised.Basis);
        // A hundred are enough to learn from.
        float[][] more = ClusteredSamples.Make(100, 40, 9, 62);
        Assert.NotSame(known.Basis,
            DomainFit.Run(ClusteredSamples.Make(100, 256, 9, 61), more, known, cancellation: Cancellation).Features!.Basis);
    }

    [Fact]
    public void What_tells_nothing_is_refused()
    {
        float[][] pictures = ClusteredSamples.Make(120, 256, 9, 61), features = ClusteredSamples.Make(120, 40, 9, 62);
        AssertRefused("49 images are too few", pictures[..49], []);
        AssertRefused("features of 119 images", pictures, features[..119]);
        AssertRefused("the images are all alike", [.. Enumerable.Repeat(pictures[0], 120)], []);
        AssertRefused("the features of all images are alike", pictures, [.. Enumerable.Repeat(features[0], 120)]);
        features[3][5] = float.NaN;
        AssertRefused("features that are not finite", pictures, features);
    }

    [Fact]
    public void It_can_be_interrupted()
    {
        using CancellationTokenSource cancellation = new();
        List<double> heard = [];
        Listener listener = new(heard) { Then = cancellation.Cancel };
        SeverityException error = Assert.Throws<SeverityException>(
            () => DomainFit.Run(ClusteredSamples.Make(60, 256, 9, 61), [], null, listener, cancellation.Token));
        Assert.Equal(SeverityError.Canceled, error.Code);
        Assert.Single(heard);
    }

    [Fact]
    public void Real_X_rays_are_told_from_what_is_none()
    {
        string[] files = [.. Directory.GetFiles(TestData.Get("data", "cxr")).Where(
            f => Path.GetExtension(f) is ".png" or ".jpg" or ".jpeg").Order(StringComparer.Ordinal)];
        float[][] pictures = [.. files.Select(ThumbnailOf)];
        DomainStatistics statistics = DomainFit.Run(
            [.. pictures.Where((_, i) => i % 3 > 0)], [], cancellation: Cancellation);
        float[][] others = [.. pictures.Where((_, i) => i % 3 == 0)];
        Assert.InRange(others.Count(IsInside), 0.85 * others.Length, others.Length);
        Assert.InRange(others.Count(p => IsInside(Inverted(p))), 0, 0.05 * others.Length);
        Assert.InRange(others.Count(p => IsInside(Turned(p, 2))), 0, 0.15 * others.Length);
        Assert.InRange(others.Count(p => IsInside(Turned(p, 1))), 0, 0.15 * others.Length);

        bool IsInside(float[] picture) => DomainCheck.PictureDistance(picture, statistics.Picture) <= statistics.Picture.Threshold;
    }

    static float[] ThumbnailOf(string file)
    {
        const int Side = 224;
        float[] input = new float[Side * Side], thumbnail = new float[Thumbnail.Length];
        using XRayImage image = XRayImage.Load(file);
        new Preprocessor(Side).Run(image.Pixels, input);
        new Thumbnail(Side).Average(input, thumbnail);
        Thumbnail.Normalize(thumbnail);
        return thumbnail;
    }

    static float[] Inverted(float[] picture) => [.. picture.Select(v => -v)];

    static float[] Turned(float[] picture, int turns)
    {
        float[] turned = [.. picture];
        for (int i = 0; i < turns; i++)
            PictureFault.TurnCounterclockwise(turned, Thumbnail.Size);
        return turned;
    }

    static void AssertRefused(string fault, float[][] pictures, float[][] features)
    {
        SeverityException error = Assert.Throws<SeverityException>(
            () => DomainFit.Run(pictures, features, cancellation: Cancellation));
        Assert.Equal(SeverityError.InvalidArgument, error.Code);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    static float[][] Roots(float[][] features) => [.. features.Select(f =>
    {
        float[] roots = new float[f.Length];
        DomainCheck.TransformFeatures(f, roots);
        return roots;
    })];

    static double[] Numbers(JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(v => v.GetDouble())];

    sealed class Listener(List<double> heard) : IProgress<double>
    {
        public Action? Then { get; init; }

        public void Report(double value)
        {
            heard.Add(value);
            Then?.Invoke();
        }
    }
}
