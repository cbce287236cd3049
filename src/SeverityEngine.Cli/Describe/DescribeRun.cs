using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Models.Domain;
using SeverityEngine.Quality;

namespace SeverityEngine.Cli.Describe;

/// <summary>A run of <c>severity model describe</c>: from images to a model's domain statistics.</summary>
sealed class DescribeRun(ScoringRun scoring, ModelFile modelFile, IRunHost host)
{
    /// <summary>With fewer, more X-rays are refused and more of what is none is let through.</summary>
    const int FewForThresholds = 200;

    readonly DescribedImages _images = new();

    /// <summary>Runs it; null when it was stopped.</summary>
    /// <exception cref="SeverityException">
    /// A fault of the model; <see cref="SeverityError.InvalidArgument"/>: too few images, or images that are all alike.
    /// </exception>
    public DomainStatistics? Run()
    {
        if (scoring.Run(Take) is not { } model)
            return null;
        Say();
        FeatureStatistics? known = _images.Count < DomainFit.FewestForFeatures
            ? ModelQuality.Of(model, modelFile.Source, checksDomain: true).Domain!.Features : null;
        WorkProgress progress = new("fitting the statistics");
        DomainStatistics? statistics = null;
        try
        {
            scoring.Show(progress, () => statistics = DomainFit.Run(_images.Thumbnails, _images.Features, known, progress, host.Stop));
        }
        catch (SeverityException e) when (e.Code == SeverityError.Canceled)
        {
            return null;
        }
        return statistics;
    }

    void Take(ScoreRow row)
    {
        if (row.Prediction is { } prediction)
            _images.Add(row.Sha256!, prediction);
    }

    /// <summary>Says what the statistics are made of, and how little that is.</summary>
    void Say()
    {
        if (scoring.Quiet)
            return;
        if (_images.Repeated > 0)
            host.Warning($"{_images.Repeated} of {scoring.Counts.Done} images are the same as others and count once");
        if (_images.Added > _images.Count)
            host.Line($"severity: {_images.Count} of the {_images.Added} images are taken, by chance; more make it no better");
        if (_images.Count is >= DomainFit.FewestImages and < FewForThresholds)
        {
            host.Warning($"{_images.Count} images are few: expect more X-rays to be refused, and more of what is none to be let through, "
                + $"than with the several hundred that are recommended");
        }
    }
}
