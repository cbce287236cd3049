namespace SeverityEngine.Refits;

/// <summary>The ways in which a score is made to agree better with readers.</summary>
enum RefitMethod
{
    /// <summary>The score as the model gives it.</summary>
    AsIs,

    /// <summary>A constant is added.</summary>
    Offset,

    /// <summary>A line in the score.</summary>
    Linear,

    /// <summary>A function of the score that never falls.</summary>
    Isotonic,

    /// <summary>A regression on the model's features, in place of the score.</summary>
    Ridge,
}

/// <summary>
/// What takes the place of a model's raw score: a function of it, or of the model's features, that was fitted to readers' scores. Like the
/// raw score, it is clamped to the score's range afterwards.
/// </summary>
abstract record ScoreRefit
{
    /// <summary>Its value.</summary>
    /// <param name="raw">The raw score.</param>
    /// <param name="features">The model's features; empty where there are none.</param>
    public abstract double Predict(double raw, ReadOnlySpan<float> features);
}

/// <summary>A line in the raw score; the score as it is, and an offset, are lines too.</summary>
/// <param name="Slope">What the score is multiplied by.</param>
/// <param name="Intercept">What is added then.</param>
sealed record AffineRefit(double Slope, double Intercept) : ScoreRefit
{
    /// <summary>The score as it is.</summary>
    public static AffineRefit None { get; } = new(1, 0);

    /// <inheritdoc/>
    public override double Predict(double raw, ReadOnlySpan<float> features) => (Slope * raw) + Intercept;
}

/// <summary>A function of the raw score that never falls: straight between its points, constant outside them.</summary>
/// <param name="X">The points' raw scores, rising; at least one.</param>
/// <param name="Y">What they become; as many, never falling.</param>
sealed record IsotonicRefit(IReadOnlyList<double> X, IReadOnlyList<double> Y) : ScoreRefit
{
    /// <inheritdoc/>
    public override double Predict(double raw, ReadOnlySpan<float> features)
    {
        int next = 0;
        while (next < X.Count && X[next] < raw)
            next++;
        if (next == 0 || next == X.Count)
            return Y[Math.Min(next, X.Count - 1)];
        double share = (raw - X[next - 1]) / (X[next] - X[next - 1]);
        return Y[next - 1] + (share * (Y[next] - Y[next - 1]));
    }
}

/// <summary>A line in each of the model's features.</summary>
/// <param name="Coefficients">What each feature is multiplied by.</param>
/// <param name="Intercept">What is added to their sum.</param>
sealed record FeatureRefit(IReadOnlyList<double> Coefficients, double Intercept) : ScoreRefit
{
    /// <inheritdoc/>
    public override double Predict(double raw, ReadOnlySpan<float> features)
    {
        double sum = Intercept;
        for (int i = 0; i < features.Length; i++)
            sum += Coefficients[i] * features[i];
        return sum;
    }
}
