using MathNet.Numerics.Statistics;
using SeverityEngine.Evaluation.Statistics;

namespace SeverityEngine.Evaluation;

/// <summary>Figures of agreement that have bootstrap intervals.</summary>
public enum AgreementMeasure
{
    /// <summary><see cref="AgreementStatistics.MeanAbsoluteError"/>.</summary>
    MeanAbsoluteError,
    /// <summary><see cref="AgreementStatistics.RootMeanSquareError"/>.</summary>
    RootMeanSquareError,
    /// <summary><see cref="AgreementStatistics.Bias"/>.</summary>
    Bias,
    /// <summary><see cref="AgreementStatistics.R2"/>.</summary>
    R2,
    /// <summary><see cref="AgreementStatistics.Pearson"/>.</summary>
    Pearson,
    /// <summary><see cref="AgreementStatistics.Spearman"/>.</summary>
    Spearman,
    /// <summary><see cref="IntraclassCorrelation.Agreement"/>.</summary>
    Intraclass,
    /// <summary>The slope of <see cref="AgreementStatistics.Calibration"/>.</summary>
    CalibrationSlope,
    /// <summary><see cref="AgreementStatistics.Concordance"/>.</summary>
    Concordance,
    /// <summary><see cref="AgreementStatistics.WithinOnePoint"/>.</summary>
    WithinOnePoint,
}

/// <summary>
/// Intervals of figures of agreement by resampling patients: images of one patient are alike, so images alone would make intervals too
/// narrow (Field and Welsh, Bootstrapping Clustered Data, 2007).
/// </summary>
/// <remarks>The same data give the same intervals on every machine and with any number of cores.</remarks>
public sealed class AgreementBootstrap
{
    /// <summary>How many resamples make an interval.</summary>
    public const int Resamples = 10_000;

    /// <summary>Of resamples for which a figure is undefined, so many in a hundred are passed over; with more it has no interval.</summary>
    const double MostUndefined = 0.05;

    const ulong Seed = 20200530;

    static readonly int s_measures = Enum.GetValues<AgreementMeasure>().Length;

    readonly double[] _truth;
    readonly int[] _patientOf;
    readonly int _patients;
    readonly double _middle;
    readonly Ranks _ranks;

    /// <param name="truth">The readers' scores.</param>
    /// <param name="patients">The patient of each image; null, or null for an image, where it is a case of its own.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: there are not equally many, or a score is not finite.
    /// </exception>
    public AgreementBootstrap(ReadOnlySpan<double> truth, IReadOnlyList<string?>? patients = null)
    {
        ScorePairs.Require(truth, truth);
        if (patients is not null && patients.Count != truth.Length)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"there are {truth.Length} scores and {patients.Count} patients; give a patient, or null, for each image");
        }
        _truth = truth.ToArray();
        _middle = _truth.Length > 0 ? _truth.Average() : 0;
        _ranks = new Ranks(_truth);
        _patientOf = new int[_truth.Length];
        Dictionary<string, int> known = [];
        for (int i = 0; i < _patientOf.Length; i++)
        {
            if (patients?[i] is not { } patient)
                _patientOf[i] = _patients++;
            else if (!known.TryGetValue(patient, out _patientOf[i]))
                known.Add(patient, _patientOf[i] = _patients++);
        }
    }

    /// <summary>How many patients there are, images of none counting as one each.</summary>
    public int Patients => _patients;

    /// <summary>The intervals of a model's figures.</summary>
    /// <param name="prediction">The model's scores.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>
    /// The percentile interval of each figure that is defined; none below three patients, of whom no resample tells anything.
    /// </returns>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>, as for the constructor.</exception>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public IReadOnlyDictionary<AgreementMeasure, ConfidenceInterval> Intervals(
        ReadOnlySpan<double> prediction, CancellationToken cancellation = default) =>
        Intervals(Sample([new Sampled(this, prediction)], s => s[0], cancellation));

    /// <summary>The intervals of the differences of two models' figures, the first less the second, each pair from one resample.</summary>
    /// <param name="first">One model's scores.</param>
    /// <param name="second">The other's, of the same images.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <inheritdoc cref="Intervals(ReadOnlySpan{double}, CancellationToken)"/>
    public IReadOnlyDictionary<AgreementMeasure, ConfidenceInterval> Differences(
        ReadOnlySpan<double> first, ReadOnlySpan<double> second, CancellationToken cancellation = default) =>
        Intervals(Sample([new Sampled(this, first), new Sampled(this, second)], s => s[0] - s[1], cancellation));

    /// <summary>The figure of every resample, by measure; not a number where it is undefined.</summary>
    double[][] Sample(Sampled[] models, Func<double[], double> combine, CancellationToken cancellation)
    {
        double[][] figures = new double[s_measures][];
        for (int m = 0; m < s_measures; m++)
            figures[m] = new double[_patients < 3 ? 0 : Resamples];
        if (_patients < 3)
            return figures;
        ParallelOptions options = new() { CancellationToken = cancellation };
        Parallel.For(0, Resamples, options, () => new Scratch(this), (number, _, scratch) =>
        {
            // Each resample has a seed of its own, whoever draws it.
            SplitMix64 random = new(SplitMix64.Mix(Seed + (ulong)number));
            scratch.Draw(this, ref random);
            for (int m = 0; m < models.Length; m++)
                models[m].Measure(scratch, scratch.Figures[m]);
            for (int measure = 0; measure < s_measures; measure++)
            {
                for (int m = 0; m < models.Length; m++)
                    scratch.Pair[m] = scratch.Figures[m][measure];
                figures[measure][number] = combine(scratch.Pair);
            }
            return scratch;
        }, _ => { });
        return figures;
    }

    static Dictionary<AgreementMeasure, ConfidenceInterval> Intervals(double[][] figures)
    {
        Dictionary<AgreementMeasure, ConfidenceInterval> intervals = [];
        for (int m = 0; m < figures.Length; m++)
        {
            double[] defined = [.. figures[m].Where(double.IsFinite).Order()];
            if (defined.Length > 0 && defined.Length >= (1 - MostUndefined) * figures[m].Length)
                intervals.Add((AgreementMeasure)m, new ConfidenceInterval(Percentile(defined, 0.025), Percentile(defined, 0.975)));
        }
        return intervals;
    }

    /// <summary>A percentile, linear between the two values that it lies between.</summary>
    static double Percentile(double[] sorted, double share) =>
        SortedArrayStatistics.QuantileCustom(sorted, share, QuantileDefinition.R7);

    /// <summary>What one thread works in.</summary>
    sealed class Scratch(AgreementBootstrap data)
    {
        /// <summary>How often each patient is in the resample.</summary>
        public int[] PatientTimes { get; } = new int[data._patients];

        /// <summary>How often each image is.</summary>
        public int[] ImageTimes { get; } = new int[data._truth.Length];

        public double[] TruthRanks { get; } = new double[data._truth.Length];

        public double[] Ranks { get; } = new double[data._truth.Length];

        public double[] Groups { get; } = new double[data._truth.Length];

        public double[][] Figures { get; } = [new double[s_measures], new double[s_measures]];

        public double[] Pair { get; } = new double[2];

        public void Draw(AgreementBootstrap data, ref SplitMix64 random)
        {
            Array.Clear(PatientTimes);
            for (int i = 0; i < PatientTimes.Length; i++)
                PatientTimes[random.Next(PatientTimes.Length)]++;
            for (int i = 0; i < ImageTimes.Length; i++)
                ImageTimes[i] = PatientTimes[data._patientOf[i]];
            data._ranks.Write(ImageTimes, Groups.AsSpan(0, data._ranks.Groups), TruthRanks);
        }
    }

    /// <summary>One model's scores, summed up for each patient.</summary>
    sealed class Sampled
    {
        readonly PairMoments[] _ofPatient;
        readonly Ranks _ranks;
        readonly double _rankMiddle;

        public Sampled(AgreementBootstrap data, ReadOnlySpan<double> prediction)
        {
            ScorePairs.Require(data._truth, prediction);
            _ranks = new Ranks(prediction);
            _rankMiddle = prediction.Length / 2.0;
            _ofPatient = new PairMoments[data._patients];
            for (int i = 0; i < prediction.Length; i++)
                _ofPatient[data._patientOf[i]].Add(data._truth[i] - data._middle, prediction[i] - data._middle);
        }

        public void Measure(Scratch scratch, double[] figures)
        {
            PairMoments sums = default;
            for (int p = 0; p < _ofPatient.Length; p++)
                sums.Add(_ofPatient[p], scratch.PatientTimes[p]);
            figures[(int)AgreementMeasure.MeanAbsoluteError] = sums.MeanAbsoluteError;
            figures[(int)AgreementMeasure.RootMeanSquareError] = sums.RootMeanSquareError;
            figures[(int)AgreementMeasure.Bias] = sums.Bias;
            figures[(int)AgreementMeasure.R2] = sums.R2;
            figures[(int)AgreementMeasure.Pearson] = sums.Pearson;
            figures[(int)AgreementMeasure.Intraclass] = sums.TwoWay?.Icc21 ?? double.NaN;
            figures[(int)AgreementMeasure.CalibrationSlope] = sums.CalibrationSlope;
            figures[(int)AgreementMeasure.Concordance] = sums.Concordance;
            figures[(int)AgreementMeasure.WithinOnePoint] = sums.WithinOne;
            _ranks.Write(scratch.ImageTimes, scratch.Groups.AsSpan(0, _ranks.Groups), scratch.Ranks);
            PairMoments ranks = default;
            for (int i = 0; i < scratch.Ranks.Length; i++)
                ranks.Add(scratch.TruthRanks[i] - _rankMiddle, scratch.Ranks[i] - _rankMiddle, scratch.ImageTimes[i]);
            figures[(int)AgreementMeasure.Spearman] = ranks.Pearson;
        }
    }
}
