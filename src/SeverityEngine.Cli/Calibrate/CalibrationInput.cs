using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Cli.Evaluate;
using SeverityEngine.Evaluation.Calibration;
using SeverityEngine.Evaluation.Joins;
using SeverityEngine.Evaluation.Tables;

namespace SeverityEngine.Cli.Calibrate;

/// <summary>What a calibration learns from: rows of results, or images that are scored for it, joined with readers' scores.</summary>
sealed class CalibrationInput(ReaderFile readers, ModelFile modelFile, IRunHost host, bool quiet)
{
    /// <summary>From files of rows.</summary>
    /// <exception cref="SeverityException">
    /// A file cannot be read; <see cref="SeverityError.InvalidArgument"/>: the rows are of another model, or lack raw scores.
    /// </exception>
    public CalibrationData FromRows(IReadOnlyList<string> paths)
    {
        IReadOnlyList<ResultSeries> series = ResultSeries.Of([.. paths.Select(ResultFile.Read)]);
        // Rows that are errors name no model.
        ResultSeries[] scored = [.. series.Where(s => s.Rows.Any(row => row.Error is null))];
        if (scored is not [ResultSeries one])
        {
            throw new SeverityException(SeverityError.InvalidArgument, scored.Length == 0
                ? $"{paths[0]}: holds no scores; name rows of images that were scored"
                : $"the rows are of several runs: {string.Join(", ", scored.Select(s => s.Label))}; name those of one");
        }
        if (one.Model.Sha256 != modelFile.Sha256)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"{one.Sources[0]}: its rows are by {one.Model}{(one.Model.Sha256.Length > 0 ? $" (SHA-256 {one.Model.Sha256})" : "")}, "
                + $"and the model to calibrate is {modelFile.Source} (SHA-256 {modelFile.Sha256}); name that model with --model, or the "
                + "images");
        }
        return Join(one, row => ModelScores.Of(row, features: null));
    }

    /// <summary>From images; null when that was stopped.</summary>
    /// <exception cref="SeverityException">As for <see cref="ScoringRun.Run"/>.</exception>
    public CalibrationData? FromImages(ScoringRun scoring)
    {
        List<float[]?> features = [];
        int outside = 0;
        IReadOnlyList<ResultRow>? rows = ScoredRows.Score(scoring, modelFile, row =>
        {
            features.Add(row.Prediction is { Features.Length: > 0 } prediction ? prediction.Features.ToArray() : null);
            outside += row.Prediction?.Domain.Verdict == DomainVerdict.Outside ? 1 : 0;
        });
        if (rows is null || host.StopExitCode != 0)
            return null;
        if (!quiet && scoring.Counts.Failed > 0)
            host.Warning($"{scoring.Counts.Failed} of {scoring.Counts.Done} images could not be read and are left out");
        if (!quiet && outside > 0)
        {
            host.Warning($"{outside} of {scoring.Counts.Done} images are outside the model's domain, where scores mean nothing; they are "
                + "learnt from all the same");
        }
        Dictionary<ResultRow, float[]?> known = rows.Zip(features).ToDictionary(p => p.First, p => p.Second);
        return Join(ResultSeries.Of([rows])[0], row => ModelScores.Of(row, known[row]));
    }

    CalibrationData Join(ResultSeries series, Func<ResultRow, ModelScores> scores)
    {
        ReaderJoin join = ReaderJoin.Of([series], readers);
        if (!quiet)
            JoinReport.Write(join, readers.Table.Source, host);
        return CalibrationData.Of(join, readers.HasPatients, scores);
    }
}
