using System.Globalization;

namespace SeverityEngine.Evaluation.Agreement;

/// <summary>One figure of agreement as every output writes it: a new figure is an entry of <see cref="All"/>.</summary>
/// <param name="Key">Its name in JSON and csv.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Value">The figure; null where it is undefined.</param>
/// <param name="Interval">Its 95 % interval; null where it has none.</param>
sealed record AgreementFigure(
    string Key, string Title, Func<ScoreAgreement, double?> Value, Func<ScoreAgreement, ConfidenceInterval?> Interval)
{
    /// <summary>All figures, in the order in which they are shown.</summary>
    public static IReadOnlyList<AgreementFigure> All { get; } =
    [
        Resampled("r2", "R²", AgreementMeasure.R2),
        Resampled("mae", "mean absolute error", AgreementMeasure.MeanAbsoluteError),
        Resampled("rmse", "root mean square error", AgreementMeasure.RootMeanSquareError),
        Resampled("bias", "bias (model less readers)", AgreementMeasure.Bias),
        Resampled("within_1", "within 1 point", AgreementMeasure.WithinOnePoint),
        Resampled("pearson", "Pearson's r", AgreementMeasure.Pearson),
        Resampled("spearman", "Spearman's rho", AgreementMeasure.Spearman),
        Plain("kendall_tau_b", "Kendall's tau-b", f => f.KendallTauB),
        Resampled("ccc", "concordance (Lin)", AgreementMeasure.Concordance),
        Resampled("icc21", "ICC(2,1)", AgreementMeasure.Intraclass),
        Plain("kappa_quadratic", "quadratic weighted kappa", f => f.QuadraticKappa),
        Resampled("calibration_slope", "calibration slope", AgreementMeasure.CalibrationSlope),
        Plain("calibration_intercept", "calibration intercept", f => f.Calibration?.Intercept),
        Limit("limit_of_agreement_low", "limit of agreement, lower", b => b.LowerLimit),
        Limit("limit_of_agreement_high", "limit of agreement, upper", b => b.UpperLimit),
        Plain("bland_altman_slope", "Bland-Altman slope", f => f.BlandAltman?.Slope),
        Plain("bland_altman_slope_p", "its p value", f => f.BlandAltman?.SlopeP),
    ];

    /// <summary>What JSON gives beside them: parts, and intervals by formulas that know of no patients.</summary>
    public static IReadOnlyList<AgreementFigure> Details { get; } =
    [
        Plain("mean_truth", "", f => f.MeanTruth),
        Plain("mean_prediction", "", f => f.MeanPrediction),
        Plain("sd_truth", "", f => f.TruthDeviation),
        Plain("sd_prediction", "", f => f.PredictionDeviation),
        Plain("sd_difference", "", f => f.BlandAltman?.Deviation),
        ByFormula("bias_t", f => f.Bias, f => f.BlandAltman?.BiasInterval),
        ByFormula("pearson_fisher", f => f.Pearson, f => f.PearsonInterval),
        ByFormula("icc21_f", f => f.Intraclass?.Agreement, f => f.Intraclass?.AgreementInterval),
        Plain("icc11", "", f => f.Intraclass?.OneWay),
        Plain("icc31", "", f => f.Intraclass?.Consistency),
        Plain("icc2k", "", f => f.Intraclass?.MeanAgreement),
        Plain("calibration_slope_se", "", f => f.Calibration?.SlopeStandardError),
    ];

    /// <summary>Those of which differences between models are shown: all that are resampled, but for the calibration slope.</summary>
    public static IEnumerable<AgreementFigure> Compared =>
        All.Where(figure => figure.Measure is not (null or AgreementMeasure.CalibrationSlope));

    /// <summary>The measure by which it is resampled; null where it is not.</summary>
    public AgreementMeasure? Measure { get; private init; }

    /// <summary>A number for people.</summary>
    public static string Text(double? value) => value is null ? "undefined"
        : Math.Abs(value.Value) is > 0 and < 0.005 ? value.Value.ToString("0.0e0", CultureInfo.InvariantCulture)
        : value.Value.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>A number and its interval for people.</summary>
    public static string Text(double? value, ConfidenceInterval? interval) => interval is { } i && value is not null
        ? string.Create(CultureInfo.InvariantCulture, $"{value:0.00} [{i.Low:0.00}, {i.High:0.00}]") : Text(value);

    static AgreementFigure Resampled(string key, string title, AgreementMeasure measure) => new(key, title,
        a => a.Figures.Value(measure), a => a.Intervals.TryGetValue(measure, out ConfidenceInterval i) ? i : null)
    {
        Measure = measure,
    };

    static AgreementFigure Plain(string key, string title, Func<AgreementStatistics, double?> value) =>
        new(key, title, a => value(a.Figures), _ => null);

    static AgreementFigure Limit(string key, string title, Func<BlandAltman, double> value) => new(key, title,
        a => a.Figures.BlandAltman is { } b ? value(b) : null,
        a => a.Figures.BlandAltman is { } b ? b.Around(value(b)) : null);

    static AgreementFigure ByFormula(
        string key, Func<AgreementStatistics, double?> value, Func<AgreementStatistics, ConfidenceInterval?> interval) =>
        new(key, "", a => value(a.Figures), a => interval(a.Figures));
}
