namespace SeverityEngine.Models;

/// <summary>A model that can be made from published weights.</summary>
/// <param name="Name">Its name, which is also its name in the store.</param>
/// <param name="Version">Its version.</param>
/// <param name="Description">What it is, in a sentence.</param>
/// <param name="Head">What turns the backbone's outputs into scores: <c>cidc</c> or <c>ralo</c>.</param>
/// <param name="Backbone">The network's weights.</param>
/// <param name="HeadFiles">The head's weights: none, or that of geographic extent and that of opacity.</param>
/// <param name="License">The license of the weights.</param>
/// <param name="Citation">What to cite.</param>
/// <param name="PublishedScores">Scores that were published with the weights, to hold an installation against; may be empty.</param>
public sealed record KnownModel(
    string Name,
    string Version,
    string Description,
    string Head,
    WeightsFile Backbone,
    IReadOnlyList<WeightsFile> HeadFiles,
    string License,
    string Citation,
    IReadOnlyList<PublishedScore> PublishedScores)
{
    /// <summary>All the files that it is made from.</summary>
    public IReadOnlyList<WeightsFile> Files { get; } = [Backbone, .. HeadFiles];
}
