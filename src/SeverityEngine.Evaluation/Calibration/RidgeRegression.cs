using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Double;
using SeverityEngine.Refits;

namespace SeverityEngine.Evaluation.Calibration;

/// <summary>
/// Linear regression on a model's features with a penalty on the squares of its coefficients (Hoerl and Kennard 1970), as scikit-learn's
/// <c>make_pipeline(StandardScaler(), Ridge(alpha))</c> has it. Cross-validation within the sample, by group, chooses the penalty.
/// </summary>
static class RidgeRegression
{
    /// <summary>The penalties among which is chosen: half powers of ten.</summary>
    public static IReadOnlyList<double> Penalties { get; } = [.. Enumerable.Range(-2, 13).Select(i => Math.Pow(10, i / 2.0))];

    /// <summary>Parts of the sample that the penalty is chosen by.</summary>
    const int InnerFolds = 5;

    /// <summary>Fits, with the penalty that does best within the sample.</summary>
    /// <param name="sample">Images with features, of two groups at least.</param>
    /// <param name="seed">Chooses the parts.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static FeatureRefit Fit(CalibrationSample sample, ulong seed, CancellationToken cancellation = default) =>
        new RidgeSystem(sample).Solve(ChoosePenalty(sample, GroupFolds.Of(sample.Groups, InnerFolds, seed), cancellation));

    /// <summary>The penalty whose predictions of each part, from the others, have the least mean absolute error.</summary>
    /// <param name="sample">Images with features.</param>
    /// <param name="folds">The part that each belongs to.</param>
    /// <param name="cancellation">Ends it.</param>
    public static double ChoosePenalty(CalibrationSample sample, IReadOnlyList<int> folds, CancellationToken cancellation = default)
    {
        double[] errors = new double[Penalties.Count];
        for (int part = 0; part <= folds.Max(); part++)
        {
            (int[] inside, int[] outside) = GroupFolds.Split(folds, part);
            RidgeSystem system = new(sample.Of(outside));
            for (int p = 0; p < errors.Length; p++)
            {
                cancellation.ThrowIfCancellationRequested();
                FeatureRefit fitted = system.Solve(Penalties[p]);
                errors[p] += inside.Sum(i => Math.Abs(fitted.Predict(0, sample.FeaturesOf(i)) - sample.Truth[i]));
            }
        }
        return Penalties[Array.IndexOf(errors, errors.Min())];
    }
}

/// <summary>A sample prepared so that it can be solved for one penalty after the other.</summary>
sealed class RidgeSystem
{
    readonly double[] _mean, _deviation;
    readonly Matrix<double> _scaled, _products;
    readonly Vector<double> _truth;
    readonly double _truthMean;
    readonly bool _byImages;

    /// <param name="sample">Images with features.</param>
    public RidgeSystem(CalibrationSample sample)
    {
        int images = sample.Count, features = sample.Features![0].Length;
        _mean = new double[features];
        _deviation = new double[features];
        _scaled = DenseMatrix.Create(images, features, (i, f) => sample.Features[i][f]);
        for (int f = 0; f < features; f++)
        {
            Vector<double> column = _scaled.Column(f);
            _mean[f] = column.Sum() / images;
            column -= _mean[f];
            double deviation = Math.Sqrt(column.DotProduct(column) / images);
            // What never varies in the sample says nothing; as in scikit-learn it is not scaled.
            _deviation[f] = deviation > 10 * Math.Abs(_mean[f]) * 2.2e-16 ? deviation : 1;
            _scaled.SetColumn(f, column / _deviation[f]);
        }
        _truthMean = sample.Truth.Average();
        _truth = DenseVector.OfEnumerable(sample.Truth.Select(t => t - _truthMean));
        // The coefficients are combinations of the images where these are fewer than the features: the smaller system is solved.
        _byImages = images < features;
        _products = _byImages ? _scaled.TransposeAndMultiply(_scaled) : _scaled.TransposeThisAndMultiply(_scaled);
    }

    /// <summary>The regression for a penalty above 0.</summary>
    public FeatureRefit Solve(double penalty)
    {
        Matrix<double> penalized = _products + (penalty * DenseMatrix.CreateIdentity(_products.RowCount));
        Vector<double> solved = _byImages
            ? _scaled.TransposeThisAndMultiply(penalized.Cholesky().Solve(_truth))
            : penalized.Cholesky().Solve(_scaled.TransposeThisAndMultiply(_truth));
        double[] coefficients = [.. solved.Select((c, f) => c / _deviation[f])];
        return new FeatureRefit(coefficients, _truthMean - coefficients.Select((c, f) => c * _mean[f]).Sum());
    }
}
