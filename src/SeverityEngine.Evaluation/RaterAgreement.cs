namespace SeverityEngine.Evaluation;

/// <summary>How several readers agree with each other, and the model with each of them.</summary>
public sealed class RaterAgreement
{
    RaterAgreement(
        IReadOnlyList<string> raters, IReadOnlyList<IReadOnlyList<double?>> scores, IReadOnlyList<double> prediction, ScoreKind kind)
    {
        List<IReadOnlyList<double>> complete =
            [.. scores.Where(s => s.All(v => v is not null)).Select(s => s.Select(v => v!.Value).ToArray())];
        CompleteImages = complete.Count;
        BetweenRaters = IntraclassCorrelation.Of(complete);
        Raters = [.. raters.Select((rater, r) => new RaterFigures(rater, r, scores, prediction, kind))];
    }

    /// <summary>How many images every reader scored; <see cref="BetweenRaters"/> is of these.</summary>
    public int CompleteImages { get; }

    /// <summary>The readers' agreement among themselves; null below three such images, and where all scores are equal.</summary>
    public IntraclassCorrelation? BetweenRaters { get; }

    /// <summary>Each reader beside the others and the model.</summary>
    public IReadOnlyList<RaterFigures> Raters { get; }

    /// <summary>Computes the figures.</summary>
    /// <param name="raters">The readers' names.</param>
    /// <param name="scores">For each image the score of each reader, in the order of their names; null where not given.</param>
    /// <param name="prediction">The model's score of each image.</param>
    /// <param name="kind">Which score they are.</param>
    /// <exception cref="SeverityException">
    /// <see cref="SeverityError.InvalidArgument"/>: there are not equally many, or one is not finite.
    /// </exception>
    public static RaterAgreement Of(
        IReadOnlyList<string> raters, IReadOnlyList<IReadOnlyList<double?>> scores, IReadOnlyList<double> prediction, ScoreKind kind)
    {
        ArgumentNullException.ThrowIfNull(raters);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(prediction);
        if (scores.Count != prediction.Count || scores.Any(s => s.Count != raters.Count))
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                "images, predictions and readers' scores do not match in number; give a score, or null, of each reader for each image");
        }
        return new RaterAgreement(raters, scores, prediction, kind);
    }
}

/// <summary>One reader beside the others and the model.</summary>
public sealed class RaterFigures
{
    internal RaterFigures(
        string rater, int index, IReadOnlyList<IReadOnlyList<double?>> scores, IReadOnlyList<double> prediction, ScoreKind kind)
    {
        Rater = rater;
        List<double> own = [], model = [];
        double fromOthers = 0, modelFromOthers = 0;
        for (int i = 0; i < scores.Count; i++)
        {
            if (scores[i][index] is not { } score)
                continue;
            own.Add(score);
            model.Add(prediction[i]);
            if (scores[i].Where((v, r) => r != index && v is not null).Average() is not { } others)
                continue;
            ImagesWithOthers++;
            fromOthers += Math.Abs(score - others);
            modelFromOthers += Math.Abs(prediction[i] - others);
        }
        Model = AgreementStatistics.Of([.. own], [.. model], kind);
        if (ImagesWithOthers == 0)
            return;
        DifferenceFromOthers = fromOthers / ImagesWithOthers;
        ModelDifferenceFromOthers = modelFromOthers / ImagesWithOthers;
    }

    /// <summary>The reader's name.</summary>
    public string Rater { get; }

    /// <summary>The model against this reader alone.</summary>
    public AgreementStatistics Model { get; }

    /// <summary>How many of the reader's images others scored too.</summary>
    public int ImagesWithOthers { get; }

    /// <summary>
    /// The mean absolute difference of the reader from the mean of the others; null where nobody else scored the same images.
    /// </summary>
    public double? DifferenceFromOthers { get; }

    /// <summary>That of the model, in the reader's place: no larger where the model is as close to the others as this reader.</summary>
    public double? ModelDifferenceFromOthers { get; }
}
