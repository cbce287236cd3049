namespace SeverityEngine.Evaluation.Calibration;

/// <summary>Images with what a model says of them and what readers say, for one of the scores.</summary>
/// <param name="Raw">The model's raw score of each image.</param>
/// <param name="Truth">What the readers say of it.</param>
/// <param name="Groups">Whose it is: images of one patient are never learnt from and tried on at once.</param>
/// <param name="Features">The model's features of it; null where they are not known.</param>
sealed record CalibrationSample(
    IReadOnlyList<double> Raw, IReadOnlyList<double> Truth, IReadOnlyList<string> Groups, IReadOnlyList<float[]>? Features = null)
{
    /// <summary>How many images there are.</summary>
    public int Count => Raw.Count;

    /// <summary>Some of the images.</summary>
    public CalibrationSample Of(IReadOnlyList<int> images) => new(
        [.. images.Select(i => Raw[i])], [.. images.Select(i => Truth[i])], [.. images.Select(i => Groups[i])],
        Features is null ? null : [.. images.Select(i => Features[i])]);

    /// <summary>The model's features of an image; empty where they are not known.</summary>
    public ReadOnlySpan<float> FeaturesOf(int image) => Features is null ? [] : Features[image];
}
