namespace SeverityEngine.Evaluation.Statistics;

/// <summary>The mean squares of a two-way analysis of variance, subjects by raters, one score each.</summary>
/// <param name="Subjects">How many subjects.</param>
/// <param name="Raters">How many raters.</param>
/// <param name="BetweenSubjects">Between subjects, n - 1 degrees of freedom.</param>
/// <param name="BetweenRaters">Between raters, k - 1.</param>
/// <param name="Residual">What neither tells, (n - 1)(k - 1).</param>
readonly record struct MeanSquares(double Subjects, double Raters, double BetweenSubjects, double BetweenRaters, double Residual)
{
    /// <summary>Within subjects, n (k - 1) degrees of freedom.</summary>
    public double WithinSubjects => (BetweenRaters * (Raters - 1) + Residual * (Subjects - 1) * (Raters - 1)) / (Subjects * (Raters - 1));

    /// <summary>ICC(2,1): absolute agreement of single raters; not a number where all scores are equal.</summary>
    public double Icc21 => (BetweenSubjects - Residual)
        / (BetweenSubjects + (Raters - 1) * Residual + Raters * (BetweenRaters - Residual) / Subjects);
}
