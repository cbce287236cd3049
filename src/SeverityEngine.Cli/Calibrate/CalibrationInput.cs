using SeverityEngine.Batch.Pipeline;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Evaluation.Calibration;
using SeverityEngine.Evaluation.Joins;
using SeverityEngine.Evaluation.Tables;
using SeverityEngine.IO;

namespace SeverityEngine.Cli.Calibrate;

/// <summary>What a calibration learns from: rows of results, or images that are scored for it, joined with readers' scores.</summary>
sealed class CalibrationInput(ReaderFile readers, ModelFile modelFile, IRunHost host, bool quiet)
{
    /// <summary>How many names of a kind are said.</summary>
    const int MostSaid = 5;

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
                $"{one.Sources[0]}: its rows are by {one.Model}{(one.Model.Sha256.Length > 0 ? $" (SHA-256 {one.Model.Sha256})" : "")}, and "
                + $"the model to calibrate is {modelFile.Source} (SHA-256 {modelFile.Sha256}); name that model with --model, or the images");
        }
        return Join(one, ModelScores.Of);
    }

    /// <summary>From images; null when that was stopped.</summary>
    /// <exception cref="SeverityException">As for <see cref="ScoringRun.Run"/>.</exception>
    public CalibrationData? FromImages(ScoringRun scoring)
    {
        List<ScoreRow> rows = [];
        if (scoring.Run(row => rows.Add(row)) is not { } model)
            return null;
        Table table = new("the images", [RowSchema.File.Name], []);
        Dictionary<ResultRow, ModelScores> scores = [];
        ResultModel stamp = new(model.Name, model.Version, modelFile.Sha256);
        List<ResultRow> results = [];
        foreach (ScoreRow row in rows)
        {
            ResultRow result = new()
            {
                File = row.Name,
                Model = stamp,
                GeographicExtent = row.Prediction?.GeographicExtent,
                Opacity = row.Prediction?.Opacity,
                Error = row.Error?.Message,
                Table = table,
                Row = new TableRow(results.Count + 1, [row.Name]),
            };
            results.Add(result);
            if (row.Prediction is { } p)
            {
                scores.Add(result, new ModelScores(p.GeographicExtentRaw, p.OpacityRaw, row.Sha256,
                    model.FeatureCount > 0 ? p.Features.ToArray() : null));
            }
        }
        if (!quiet && rows.Count(r => r.Prediction?.Domain.Verdict == DomainVerdict.Outside) is > 0 and int outside)
            host.Warning($"{outside} of {rows.Count} images are not of the kind that the model is made for, and are learnt from all the same");
        return Join(ResultSeries.Of([results])[0], row => scores[row]);
    }

    CalibrationData Join(ResultSeries series, Func<ResultRow, ModelScores> scores)
    {
        ReaderJoin join = ReaderJoin.Of([series], readers);
        Say([.. join.WithoutRow(0)], "image", $"of {readers.Table.Source}", "without a score by the model");
        Say([.. join.WithoutReaders(0)], "image", "that the model scored", $"not in {readers.Table.Source}");
        Say([.. join.WithError(0).Select(e => e.Name)], "image", $"of {readers.Table.Source}", "could not be scored");
        return CalibrationData.Of(join, readers.HasPatients, scores);
    }

    /// <summary>Says which images are left out.</summary>
    void Say(IReadOnlyList<string> names, string one, string whose, string why)
    {
        if (names.Count == 0 || quiet)
            return;
        string more = names.Count > MostSaid ? $", and {names.Count - MostSaid} more" : "";
        host.Warning($"{Amount.Of(names.Count, one)} {whose} left out, {why}: {string.Join(", ", names.Take(MostSaid))}{more}");
    }
}
