namespace SeverityEngine;

/// <summary>How a <see cref="SeverityPredictor"/> is made.</summary>
public sealed record PredictorOptions
{
    /// <summary>More threads, or predictions at once, than this are not used: four times the processors, 1,024 at most.</summary>
    public static int MostThreads { get; } = Math.Min(1024, 4 * Environment.ProcessorCount);

    internal const double UsualIntervalLevel = 0.9;

    /// <summary>The model; null for the built-in one.</summary>
    public ModelFile? Model { get; init; }

    /// <summary>
    /// Threads that one prediction uses; 0 for all cores, which gives the lowest latency. Use 1 when many predictions run at once.
    /// <see cref="MostThreads"/> at most.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>
    /// How many predictions can run at once; a further caller waits. 0 for the number of processors, <see cref="MostThreads"/> at most.
    /// </summary>
    public int MaxConcurrency { get; init; }

    /// <summary>
    /// Whether the model may be code: use operators that could end the process, run for ever or take all memory. A model that is data needs
    /// no trust, and the built-in one has it. Other files are read in neither case.
    /// </summary>
    public bool TrustModel { get; init; }

    /// <summary>
    /// Ends, once it is canceled, the predictions that run or wait, as <see cref="SeverityPredictor.Cancel"/> does, and refuses those that
    /// come later: all give <see cref="SeverityError.Canceled"/>.
    /// </summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// Whether pictures are held against those that the model is made for, so that scores have a <see cref="SeverityScore.Domain"/>. It
    /// takes some microseconds; a picture that looks inverted or turned takes a second run of the network.
    /// </summary>
    public bool CheckDomain { get; init; } = true;

    /// <summary>Whether a picture outside the model's domain is refused, with <see cref="SeverityError.ImageOutsideDomain"/>.</summary>
    public bool RefuseOutside { get; init; }

    /// <summary>
    /// The level of <see cref="SeverityScore.Interval"/>: one that the model states, 0.8, 0.9 or 0.95 for the built-in one.
    /// </summary>
    public double IntervalLevel { get; init; } = UsualIntervalLevel;

    /// <summary>What images are refused.</summary>
    public ImageLimits Limits { get; init; } = ImageLimits.Default;

    /// <summary>How DICOM files are read.</summary>
    public DicomOptions Dicom { get; init; } = DicomOptions.Default;
}
