using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Models.Domain;
using SeverityEngine.Quality;

namespace SeverityEngine.Cli.Describe;

/// <summary>A run of <c>severity model describe</c>: from images to a model's domain statistics.</summary>
/// <param name="scoring">Scores the images, with their features and the network's input.</param>
/// <param name="modelFile">The model.</param>
/// <param name="host">The command around it.</param>
sealed class DescribeRun(ScoringRun scoring, ModelFile modelFile, IRunHost host)
{
    /// <summary>With fewer, more X-rays are refused and more of what is none is let through.</summary>
    const int FewForThresholds = 200;

    readonly DescribedImages _images = new();
    FeatureStatistics? _known;

    /// <summary>Runs it; null when it was stopped.</summary>
    /// <exception cref="SeverityException">
    /// A fault of the model; <see cref="SeverityError.InvalidArgument"/>: too few images, or images that are all alike.
    /// </exception>
    public DomainStatistics? Run()
    {
        Collect();
        if (host.StopExitCode != 0)
            return null;
        Say();
        WorkProgress progress = new("fitting the statistics");
        DomainStatistics? statistics = null;
        try
        {
            if (scoring.Quiet)
                Fit();
            else
                host.ShowProgress(progress, Fit);
        }
        catch (SeverityException e) when (e.Code == SeverityError.Canceled)
        {
            return null;
        }
        return statistics;

        void Fit() => statistics = DomainFit.Run(_images.Thumbnails, _images.Features, _known, progress, host.Stop);
    }

    void Collect()
    {
        scoring.Run(Take);
        if (_images.Count < DomainFit.FewestForFeatures)
            _known = ModelQuality.Of(scoring.Model!, modelFile.Source, checksDomain: true).Domain!.Features;
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
        if (scoring.Counts.Failed > 0)
            host.Warning($"{scoring.Counts.Failed} of {scoring.Counts.Done} images could not be read and are left out");
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
