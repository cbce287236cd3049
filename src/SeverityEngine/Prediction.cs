namespace SeverityEngine;

/// <summary>Everything that the engine says of one image. Research only, not for medical use.</summary>
/// <remarks>It grows by properties; those that were not asked for are null or empty.</remarks>
public sealed class Prediction
{
    /// <summary>The two scores, raw and clamped, and how long each stage took.</summary>
    public required SeverityScore Score { get; init; }

    /// <summary>What the model says of itself.</summary>
    public required ModelInfo Model { get; init; }

    /// <summary>How much of the lungs has ground-glass opacity or consolidation, 0 to 8.</summary>
    public double GeographicExtent => Score.GeographicExtent;

    /// <summary>How dense it is, 0 to 6.</summary>
    public double Opacity => Score.Opacity;

    /// <summary>Geographic extent before it was clamped to its range.</summary>
    public double GeographicExtentRaw => Score.GeographicExtentRaw;

    /// <summary>Opacity before it was clamped to its range.</summary>
    public double OpacityRaw => Score.OpacityRaw;

    /// <summary>Whether the picture is of the kind that the model is made for.</summary>
    public DomainResult Domain => Score.Domain;

    /// <summary>Where experts' scores lie; null outside the domain, and where the model does not say.</summary>
    public ScoreIntervals? Interval => Score.Interval;

    /// <summary>How long it took.</summary>
    public PredictionTimings Timings => Score.Timings;

    /// <summary>What messages and warnings call the image.</summary>
    internal string Name { get; init; } = "";

    /// <summary>Columns of the image, in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Rows of the image.</summary>
    public required int Height { get; init; }

    /// <summary>The image's file format, for example <c>JPEG</c>.</summary>
    public required string Format { get; init; }

    /// <summary>
    /// Of a DICOM file, the UIDs of the image; null for other files, and where <see cref="DicomOptions.Uids"/> is not set.
    /// </summary>
    public DicomUids? Uids { get; init; }

    /// <summary>What is odd about the image, though it could be read.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>
    /// The calibrated probability of each of the model's <see cref="ModelInfo.Labels"/>, 0 to 1; null where not asked for.
    /// </summary>
    public IReadOnlyList<double>? Findings { get; init; }

    /// <summary>The model's pooled features, <see cref="ModelInfo.FeatureCount"/> of them; empty where not asked for.</summary>
    public ReadOnlyMemory<float> Features { get; init; }

    /// <summary>The network's input, S x S values of -1024 to 1024; empty where not asked for.</summary>
    internal ReadOnlyMemory<float> Input { get; init; }

    /// <summary>Where the model looked; null where not asked for.</summary>
    public SaliencyMap? Saliency { get; init; }
}

/// <summary>What a <see cref="Prediction"/> shall say beyond the two scores.</summary>
public sealed record PredictionOptions
{
    /// <summary>The two scores alone.</summary>
    public static PredictionOptions Default { get; } = new();

    /// <summary>Whether <see cref="Prediction.Findings"/> are wanted.</summary>
    public bool Findings { get; init; }

    /// <summary>Whether <see cref="Prediction.Features"/> are wanted.</summary>
    public bool Features { get; init; }

    /// <summary>Whether <see cref="Prediction.Input"/> is wanted.</summary>
    internal bool Input { get; init; }

    /// <summary>Which <see cref="Prediction.Saliency"/> is wanted; null for none. It costs no second run of the network.</summary>
    public SaliencyOptions? Saliency { get; init; }
}
