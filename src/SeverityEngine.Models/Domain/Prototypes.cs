using System.Numerics.Tensors;

namespace SeverityEngine.Models.Domain;

/// <summary>Chooses the few pictures that stand for many: centers of k-means, none of them for a handful of odd images.</summary>
static class Prototypes
{
    /// <summary>A larger number tells X-rays of more kinds apart, and takes a single odd one for a kind.</summary>
    const int Most = 30;

    /// <summary>Images for each prototype, where there are few.</summary>
    const int ImagesEach = 10;

    /// <summary>A smaller cluster is dissolved: its images go to the others.</summary>
    const int SmallestCluster = 4;

    const int Restarts = 10;

    /// <summary>The prototypes of pictures, one after the other.</summary>
    public static float[] Fit(float[][] pictures, int seed, CancellationToken cancellation)
    {
        int count = Math.Clamp(pictures.Length / ImagesEach, 1, Most);
        KMeans clusters = KMeans.Fit(pictures, count, Restarts, new Random(seed), cancellation);
        while (clusters.Centers.Length > 1 && clusters.Sizes.Min() < SmallestCluster)
        {
            float[][] large = [.. clusters.Centers.Where((_, i) => clusters.Sizes[i] >= SmallestCluster)];
            clusters = KMeans.Refine(pictures, large.Length > 0 ? large : clusters.Centers[..1], cancellation);
        }
        return [.. clusters.Centers.SelectMany(c => c)];
    }
}

/// <summary>Lloyd's k-means from centers that the greedy k-means++ chooses (Arthur and Vassilvitskii 2007).</summary>
sealed class KMeans
{
    /// <summary>It has long converged by then.</summary>
    const int MostRounds = 300;

    readonly float[][] _rows;
    readonly int[] _labels;
    readonly float[] _distances;

    KMeans(float[][] rows, float[][] centers)
    {
        _rows = rows;
        Centers = centers;
        Sizes = new int[centers.Length];
        _labels = new int[rows.Length];
        _distances = new float[rows.Length];
        _labels.AsSpan().Fill(-1);
    }

    /// <summary>The clusters' means.</summary>
    public float[][] Centers { get; }

    /// <summary>How many rows each cluster has.</summary>
    public int[] Sizes { get; }

    /// <summary>The sum of all rows' squared distances from their centers.</summary>
    public double Inertia { get; private set; }

    /// <summary>The best clusters of several beginnings.</summary>
    public static KMeans Fit(float[][] rows, int clusters, int restarts, Random random, CancellationToken cancellation)
    {
        KMeans? best = null;
        for (int i = 0; i < restarts; i++)
        {
            KMeans next = Refine(rows, Begin(rows, clusters, random), cancellation);
            if (best is null || next.Inertia < best.Inertia)
                best = next;
        }
        return best!;
    }

    /// <summary>The clusters that given centers lead to.</summary>
    public static KMeans Refine(float[][] rows, float[][] centers, CancellationToken cancellation)
    {
        KMeans clusters = new(rows, [.. centers.Select(c => (float[])c.Clone())]);
        for (int round = 0; round < MostRounds && clusters.Assign(); round++)
        {
            cancellation.ThrowIfCancellationRequested();
            clusters.Center();
        }
        return clusters;
    }

    /// <summary>
    /// Rows far apart: for each further one some are drawn, with a probability that grows with their distance squared, and the one that
    /// leaves the least distances is taken.
    /// </summary>
    static float[][] Begin(float[][] rows, int clusters, Random random)
    {
        float[][] centers = new float[clusters][];
        centers[0] = rows[random.Next(rows.Length)];
        double[] nearest = [.. rows.Select(r => SquaredDistance(r, centers[0]))];
        int trials = 2 + (int)Math.Log(clusters);
        for (int i = 1; i < clusters; i++)
        {
            double all = TensorPrimitives.Sum<double>(nearest);
            (float[] Row, double[] Nearest, double Sum) best = ([], [], double.PositiveInfinity);
            for (int trial = 0; trial < trials; trial++)
            {
                double drawn = random.NextDouble() * all;
                int chosen = 0;
                for (double passed = nearest[0]; passed <= drawn && chosen < rows.Length - 1; passed += nearest[chosen])
                    chosen++;
                double[] left = [.. nearest.Zip(rows, (d, row) => Math.Min(d, SquaredDistance(row, rows[chosen])))];
                double sum = TensorPrimitives.Sum<double>(left);
                if (sum < best.Sum)
                    best = (rows[chosen], left, sum);
            }
            (centers[i], nearest) = (best.Row, best.Nearest);
        }
        return centers;
    }

    /// <summary>Gives each row to its nearest center; false where none moved.</summary>
    bool Assign()
    {
        bool moved = false;
        Inertia = 0;
        Array.Clear(Sizes);
        float[] halfNorms = [.. Centers.Select(c => TensorPrimitives.SumOfSquares<float>(c) / 2)];
        for (int row = 0; row < _rows.Length; row++)
        {
            // Half the squared distance without the row's own part, which is the same for all centers.
            int nearest = 0;
            float least = float.PositiveInfinity;
            for (int i = 0; i < Centers.Length; i++)
            {
                float distance = halfNorms[i] - TensorPrimitives.Dot<float>(_rows[row], Centers[i]);
                if (distance < least)
                    (nearest, least) = (i, distance);
            }
            moved |= _labels[row] != nearest;
            _labels[row] = nearest;
            _distances[row] = (float)SquaredDistance(_rows[row], Centers[nearest]);
            Inertia += _distances[row];
            Sizes[nearest]++;
        }
        return moved;
    }

    /// <summary>Moves each center to the mean of its rows, and one without any to the row that is farthest from its own.</summary>
    void Center()
    {
        foreach (float[] center in Centers)
            Array.Clear(center);
        for (int row = 0; row < _rows.Length; row++)
            TensorPrimitives.Add(Centers[_labels[row]], _rows[row], Centers[_labels[row]]);
        for (int i = 0; i < Centers.Length; i++)
        {
            if (Sizes[i] > 0)
            {
                TensorPrimitives.Divide(Centers[i], Sizes[i], Centers[i]);
                continue;
            }
            int farthest = TensorPrimitives.IndexOfMax<float>(_distances);
            _rows[farthest].CopyTo(Centers[i], 0);
            _distances[farthest] = 0;
        }
    }

    static double SquaredDistance(float[] a, float[] b)
    {
        double distance = TensorPrimitives.Distance<float>(a, b);
        return distance * distance;
    }
}
