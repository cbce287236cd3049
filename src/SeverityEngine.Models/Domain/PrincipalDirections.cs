using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using MathNet.Numerics.LinearAlgebra.Factorization;
using SeverityEngine.Quality;

namespace SeverityEngine.Models.Domain;

/// <summary>Finds the directions in which features vary most.</summary>
static class PrincipalDirections
{
    const int Most = 32;

    /// <summary>A variance so much smaller than the mean one is rounding.</summary>
    const double Least = 1e-6;

    /// <summary>And so is all variance that is so much smaller than the features' squares: they are floats.</summary>
    const double LeastOfSquares = 1e-12;

    /// <summary>The statistics of features, their roots taken; the threshold is left at 1.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: they are all alike.</exception>
    public static FeatureStatistics Fit(float[][] roots, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        int images = roots.Length, count = roots[0].Length;
        double[] mean = new double[count];
        double[][] centered = [.. roots.Select(r => Array.ConvertAll(r, v => (double)v))];
        foreach (double[] row in centered)
            TensorPrimitives.Add(mean, row, mean);
        TensorPrimitives.Divide(mean, images, mean);
        foreach (double[] row in centered)
            TensorPrimitives.Subtract(row, mean, row);

        // The products of columns with each other and those of rows have the same eigenvalues; the smaller matrix is the faster.
        bool byRows = images < count;
        (double[] variances, double[][] directions) = Eigen(byRows ? centered : Columns(centered), images - 1, cancellation);
        double all = TensorPrimitives.Sum<double>(variances), least = Least * all / count;
        int components = Math.Min(Math.Min(Most, count - 1), variances.Count(v => v > least));
        if (all <= LeastOfSquares * TensorPrimitives.SumOfSquares<double>(mean))
            throw new SeverityException(SeverityError.InvalidArgument, "the features of all images are alike; take different images");
        float[] basis = new float[components * count];
        for (int i = 0; i < components; i++)
            Direction(byRows ? Combined(centered, directions[i]) : directions[i], basis.AsSpan(i * count, count));
        double residual = (all - TensorPrimitives.Sum<double>(variances.AsSpan(0, components))) / (count - components);
        return new FeatureStatistics
        {
            Mean = Array.ConvertAll(mean, v => (float)v),
            Basis = basis,
            Variance = [.. variances.Take(components).Select(v => (float)v)],
            ResidualVariance = Math.Max(residual, least),
            Threshold = 1,
        };
    }

    /// <summary>Eigenvalues and eigenvectors of the vectors' products with each other over a divisor, the greatest first.</summary>
    static (double[] Values, double[][] Vectors) Eigen(double[][] vectors, double divisor, CancellationToken cancellation)
    {
        int size = vectors.Length;
        double[] products = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int j = 0; j <= i; j++)
                products[i * size + j] = products[j * size + i] = TensorPrimitives.Dot<double>(vectors[i], vectors[j]) / divisor;
        }
        Evd<double> eigen = new DenseMatrix(size, size, products).Evd(Symmetricity.Symmetric);
        int[] order = [.. Enumerable.Range(0, size).OrderByDescending(i => eigen.EigenValues[i].Real)];
        return (
            [.. order.Select(i => eigen.EigenValues[i].Real)],
            [.. order.Take(Most).Select(i => eigen.EigenVectors.Column(i).ToArray())]);
    }

    static double[][] Columns(double[][] rows)
    {
        double[][] columns = [.. rows[0].Select(_ => new double[rows.Length])];
        for (int row = 0; row < rows.Length; row++)
        {
            for (int i = 0; i < columns.Length; i++)
                columns[i][row] = rows[row][i];
        }
        return columns;
    }

    /// <summary>The rows times their weights.</summary>
    static double[] Combined(double[][] rows, double[] weights)
    {
        double[] sum = new double[rows[0].Length];
        for (int row = 0; row < rows.Length; row++)
            TensorPrimitives.MultiplyAdd(rows[row], weights[row], sum, sum);
        return sum;
    }

    /// <summary>A direction with the norm 1; of both signs, that with which its greatest value is positive.</summary>
    static void Direction(double[] vector, Span<float> direction)
    {
        double norm = TensorPrimitives.Norm<double>(vector);
        double scale = vector[TensorPrimitives.IndexOfMaxMagnitude<double>(vector)] < 0 ? -1 / norm : 1 / norm;
        for (int i = 0; i < vector.Length; i++)
            direction[i] = (float)(scale * vector[i]);
    }
}
