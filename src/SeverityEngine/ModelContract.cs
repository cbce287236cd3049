using System.Globalization;
using SeverityEngine.Inference;

namespace SeverityEngine;

/// <summary>
/// What a model file says of itself: the names of its input and outputs, and its metadata as typed data. The importer writes it and the
/// engine reads it.
/// </summary>
public sealed record ModelContract
{
    /// <summary>The input: float32 <c>[N, 1, S, S]</c>, about -1024 to 1024.</summary>
    public const string ImageInput = "image";

    /// <summary>The output of geographic extent, <c>[N, 1]</c>, raw.</summary>
    public const string GeographicExtentOutput = "geographic_extent";

    /// <summary>The output of opacity, <c>[N, 1]</c>, raw.</summary>
    public const string OpacityOutput = "opacity";

    /// <summary>The optional output of logits, <c>[N, L]</c>, one for each of <see cref="Labels"/>.</summary>
    public const string LogitsOutput = "logits";

    /// <summary>The optional output of pooled features, <c>[N, C]</c>.</summary>
    public const string FeaturesOutput = "features";

    /// <summary>The version of the contract that this is.</summary>
    public const string Format = "1";

    /// <summary>The key of <see cref="Format"/>.</summary>
    public const string FormatKey = "severity.format";

    /// <summary>The key of <see cref="Name"/>.</summary>
    public const string NameKey = "severity.name";

    /// <summary>The key of <see cref="Version"/>.</summary>
    public const string VersionKey = "severity.version";

    /// <summary>The key of <see cref="GeographicExtentRange"/>.</summary>
    public const string GeographicExtentRangeKey = "severity.geographic_extent.range";

    /// <summary>The key of <see cref="OpacityRange"/>.</summary>
    public const string OpacityRangeKey = "severity.opacity.range";

    /// <summary>The key of <see cref="Labels"/>.</summary>
    public const string LabelsKey = "severity.labels";

    /// <summary>The key of <see cref="OperatingPoints"/>.</summary>
    public const string OperatingPointsKey = "severity.operating_points";

    /// <summary>The key of <see cref="Source"/>.</summary>
    public const string SourceKey = "severity.source";

    /// <summary>The key of <see cref="SourceSha256"/>.</summary>
    public const string SourceSha256Key = "severity.source_sha256";

    /// <summary>The key of <see cref="License"/>.</summary>
    public const string LicenseKey = "severity.license";

    /// <summary>The key of <see cref="Citation"/>.</summary>
    public const string CitationKey = "severity.citation";

    /// <summary>The key of the numbers that the model computes in: absent for float32, <c>int8</c> for 8-bit integers.</summary>
    public const string PrecisionKey = "severity.precision";

    /// <summary>The key of what a model of integers was calibrated on.</summary>
    public const string CalibrationKey = "severity.calibration";

    /// <summary>The key of what the images that the model is made for look like, as JSON.</summary>
    public const string DomainKey = "severity.domain";

    /// <summary>The key of how far its scores are from experts', as JSON.</summary>
    public const string IntervalsKey = "severity.intervals";

    /// <summary>The key of what its scores were made to agree with, as JSON.</summary>
    public const string RefitKey = "severity.refit";

    /// <summary>The model's name.</summary>
    public required string Name { get; init; }

    /// <summary>The model's version.</summary>
    public required string Version { get; init; }

    /// <summary>The range of geographic extent, 0 to 8.</summary>
    public ScoreRange GeographicExtentRange { get; init; } = new(0, 8);

    /// <summary>The range of opacity, 0 to 6.</summary>
    public ScoreRange OpacityRange { get; init; } = new(0, 6);

    /// <summary>The findings that the logits stand for, in order; empty for a model without logits.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>
    /// The probability at which each finding is as likely as not, to show logits as calibrated probabilities; between 0 and 1, as many as
    /// <see cref="Labels"/>, or none.
    /// </summary>
    public IReadOnlyList<float> OperatingPoints { get; init; } = [];

    /// <summary>Where the weights come from; null where not stated.</summary>
    public string? Source { get; init; }

    /// <summary>The SHA-256 of the file that the weights come from, in hexadecimal; null where not stated.</summary>
    public string? SourceSha256 { get; init; }

    /// <summary>The license of the weights; null where not stated.</summary>
    public string? License { get; init; }

    /// <summary>What to cite; null where not stated.</summary>
    public string? Citation { get; init; }

    /// <summary>Writes it into a model's metadata, in the place of what stood there; what is null or empty is left out.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: a text or number that cannot be read back.
    /// </exception>
    public void Write(IDictionary<string, string> metadata)
    {
        ContractText.CheckLabels(Labels, OperatingPoints);
        Put(FormatKey, Format);
        Put(NameKey, Name);
        Put(VersionKey, Version);
        Put(GeographicExtentRangeKey, ContractText.Write(GeographicExtentRange));
        Put(OpacityRangeKey, ContractText.Write(OpacityRange));
        Put(LabelsKey, string.Join(',', Labels));
        Put(OperatingPointsKey, string.Join(',', OperatingPoints.Select(p => p.ToString("R", CultureInfo.InvariantCulture))));
        Put(SourceKey, Source);
        Put(SourceSha256Key, SourceSha256);
        Put(LicenseKey, License);
        Put(CitationKey, Citation);

        void Put(string key, string? text)
        {
            if (string.IsNullOrEmpty(text))
                metadata.Remove(key);
            else
                metadata[key] = text;
        }
    }

    /// <summary>Reads it from a model's metadata.</summary>
    /// <param name="metadata">The metadata.</param>
    /// <param name="source">What messages call the model: its file.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelContract"/>: names every key that is missing or cannot be read.
    /// </exception>
    public static ModelContract Read(IReadOnlyDictionary<string, string> metadata, string source = "the model")
    {
        List<string> faults = [];
        ModelContract contract = Read(metadata, faults);
        return faults.Count == 0 ? contract
            : throw new SeverityException(
                SeverityError.ModelContract, $"{source} does not keep the model contract: {string.Join("; ", faults)}");
    }

    /// <summary>Reads it from a model's metadata, for a caller who has more to say of the model than its metadata's faults.</summary>
    /// <param name="metadata">The metadata.</param>
    /// <param name="faults">Takes every key that is missing or cannot be read; where it took one, what is returned is not whole.</param>
    public static ModelContract Read(IReadOnlyDictionary<string, string> metadata, ICollection<string> faults)
    {
        ContractText text = new(metadata, faults);
        if (text.Required(FormatKey) is { Length: > 0 } format && format != Format)
            faults.Add($"{FormatKey} is '{format}', and this engine reads '{Format}'");
        ModelContract contract = new()
        {
            Name = text.Required(NameKey),
            Version = text.Required(VersionKey),
            GeographicExtentRange = text.Range(GeographicExtentRangeKey),
            OpacityRange = text.Range(OpacityRangeKey),
            Labels = text.List(LabelsKey),
            OperatingPoints = text.Probabilities(OperatingPointsKey),
            Source = text.Optional(SourceKey),
            SourceSha256 = text.Optional(SourceSha256Key),
            License = text.Optional(LicenseKey),
            Citation = text.Optional(CitationKey),
        };
        if (contract.OperatingPoints.Count > 0 && contract.OperatingPoints.Count != contract.Labels.Count)
            faults.Add($"{OperatingPointsKey} are {contract.OperatingPoints.Count} for {contract.Labels.Count} labels");
        return contract;
    }

    // The lists are compared by value, as the rest of a record is.

    /// <inheritdoc/>
    public bool Equals(ModelContract? other) =>
        other is not null && Labels.SequenceEqual(other.Labels) && OperatingPoints.SequenceEqual(other.OperatingPoints)
        && (Name, Version, GeographicExtentRange, OpacityRange, Source, SourceSha256, License, Citation)
            == (other.Name, other.Version, other.GeographicExtentRange, other.OpacityRange,
                other.Source, other.SourceSha256, other.License, other.Citation);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Version, SourceSha256);
}
