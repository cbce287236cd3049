namespace SeverityEngine.Quality;

/// <summary>
/// How far a model's scores are from readers' ones, <c>severity.intervals</c> in a model's metadata: at each level, the half-width around a
/// score that holds so large a share of the readers' scores. Outside the model's domain they mean nothing.
/// </summary>
/// <remarks>
/// Split conformal prediction on images that the model never saw: Lei et al., Distribution-Free Predictive Inference for Regression, 2018.
/// </remarks>
sealed record PredictionIntervals
{
    const int Version = 1;

    /// <summary>How the half-widths were made, for people to read.</summary>
    public required string Method { get; init; }

    /// <summary>From how many images.</summary>
    public required int Images { get; init; }

    /// <summary>From how many patients; null where that is not known.</summary>
    public int? Patients { get; init; }

    /// <summary>The levels, from low to high: shares between 0 and 1.</summary>
    public required IReadOnlyList<double> Levels { get; init; }

    /// <summary>The half-width of geographic extent at each level.</summary>
    public required IReadOnlyList<double> GeographicExtent { get; init; }

    /// <summary>The half-width of opacity at each level.</summary>
    public required IReadOnlyList<double> Opacity { get; init; }

    /// <summary>The half-widths of both scores at a level.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: the model has none at this level; the message has those that it has.
    /// </exception>
    public (double GeographicExtent, double Opacity) HalfWidths(double level)
    {
        for (int i = 0; i < Levels.Count; i++)
        {
            if (Levels[i] == level)
                return (GeographicExtent[i], Opacity[i]);
        }
        throw new SeverityException(
            SeverityError.InvalidArgument, $"the model has no intervals at {level}; it has them at {string.Join(", ", Levels)}");
    }

    /// <summary>The intervals around a prediction's scores.</summary>
    /// <exception cref="SeverityException">As for <see cref="HalfWidths"/>.</exception>
    public ScoreIntervals Around(double extent, double opacity, ModelInfo model, double level)
    {
        (double extentWidth, double opacityWidth) = HalfWidths(level);
        return new ScoreIntervals(level, ScoreInterval.Around(extent, extentWidth, model.GeographicExtentRange),
            ScoreInterval.Around(opacity, opacityWidth, model.OpacityRange));
    }

    /// <summary>Reads what the metadata have under <see cref="ModelContract.IntervalsKey"/>.</summary>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.ModelContract"/>: it cannot be read. The message names the key.
    /// </exception>
    public static PredictionIntervals Read(string text)
    {
        IntervalsJson json = QualityJson.Read(text, ModelContract.IntervalsKey, IntervalsJson.Of);
        Check(json.Version == Version, $"its version is {json.Version}, and this engine reads {Version}");
        Check(json.Images > 0, $"images is {json.Images}");
        Check(json.Patients is null or > 0, $"patients is {json.Patients}");
        Check(json.Levels.Length > 0 && json.Levels.All(l => l is > 0 and < 1), "levels are not all between 0 and 1");
        Check(json.Levels.Zip(json.Levels.Skip(1)).All(l => l.First < l.Second), "levels do not rise");
        CheckWidths(json.GeographicExtent, json.Levels, "geographic_extent");
        CheckWidths(json.Opacity, json.Levels, "opacity");
        return new PredictionIntervals
        {
            Method = json.Method,
            Images = json.Images,
            Patients = json.Patients,
            Levels = json.Levels,
            GeographicExtent = json.GeographicExtent,
            Opacity = json.Opacity,
        };
    }

    /// <summary>Writes the text that <see cref="Read"/> takes.</summary>
    public string Write() => QualityJson.Write(
        new IntervalsJson
        {
            Version = Version,
            Method = Method,
            Images = Images,
            Patients = Patients,
            Levels = [.. Levels],
            GeographicExtent = [.. GeographicExtent],
            Opacity = [.. Opacity],
        },
        QualityJson.Default.IntervalsJson);

    static void CheckWidths(double[] widths, double[] levels, string name)
    {
        Check(widths.Length == levels.Length, $"{name} has {widths.Length} half-widths for {levels.Length} levels");
        Check(widths.All(w => w >= 0 && double.IsFinite(w)), $"{name} has half-widths that are no widths");
        Check(widths.Zip(widths.Skip(1)).All(w => w.First <= w.Second), $"{name} falls where its level rises");
    }

    static void Check(bool isSound, string fault) => QualityJson.Check(isSound, ModelContract.IntervalsKey, fault);
}
