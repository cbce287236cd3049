using System.Text.Encodings.Web;
using System.Text.Json;
using SeverityEngine.Evaluation.Joins;

namespace SeverityEngine.Evaluation.Agreement;

/// <summary>An evaluation as one JSON object with everything that is known; what is undefined is null.</summary>
static class EvaluationJson
{
    /// <summary>Writes it to a stream.</summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <param name="truth">The file of readers' scores.</param>
    /// <param name="output">Where it goes.</param>
    public static void Write(ReaderEvaluation evaluation, string truth, Stream output)
    {
        // The text goes to a terminal or a file, not into a page: file names stay legible.
        using Utf8JsonWriter json = new(output,
            new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("engine_version", SeverityRuntime.EngineVersion);
        json.WriteString("truth", truth);
        json.WriteNumber("truth_images", evaluation.Join.Images.Count);
        json.WriteBoolean("inside_domain_alone", evaluation.InsideDomainAlone);
        json.WriteNumber("resamples", AgreementBootstrap.Resamples);
        json.WriteString("resampled", evaluation.ResamplesPatients ? "patients" : "images");
        json.WriteStartArray("series");
        for (int s = 0; s < evaluation.Join.Series.Count; s++)
            WriteSeries(json, evaluation, s);
        json.WriteEndArray();
        WriteDifferences(json, evaluation);
        WriteGroups(json, evaluation);
        WriteRaters(json, evaluation);
        json.WriteEndObject();
    }

    static void WriteSeries(Utf8JsonWriter json, ReaderEvaluation evaluation, int s)
    {
        ResultSeries series = evaluation.Join.Series[s];
        json.WriteStartObject();
        json.WriteString("label", series.Label);
        json.WriteString("model", series.Model.Name);
        json.WriteString("model_version", series.Model.Version);
        json.WriteString("model_sha256", series.Model.Sha256);
        WriteTexts(json, "rows", series.Sources);
        json.WriteNumber("outside_domain", evaluation.OutsideDomain(s));
        WriteTexts(json, "without_row", evaluation.Join.WithoutRow(s));
        WriteTexts(json, "without_truth", evaluation.Join.WithoutReaders(s));
        json.WriteStartArray("errors");
        foreach ((string name, string error) in evaluation.Join.WithError(s))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("error", error);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteScores(json, evaluation.Scores[s]);
        json.WriteEndObject();
    }

    static void WriteScores(Utf8JsonWriter json, IReadOnlyList<ScoreAgreement> scores)
    {
        json.WriteStartObject("scores");
        foreach (ScoreAgreement agreement in scores)
        {
            json.WriteStartObject(agreement.Kind.Key);
            json.WriteNumber("n", agreement.Figures.Count);
            json.WriteNumber("resampled", agreement.Patients);
            foreach (AgreementFigure figure in AgreementFigure.All.Concat(AgreementFigure.Details))
                WriteFigure(json, figure.Key, figure.Value(agreement), figure.Interval(agreement));
            json.WriteStartArray("auc");
            foreach (ThresholdAuc area in agreement.Figures.Discrimination)
            {
                json.WriteStartObject();
                json.WriteNumber("threshold", area.Threshold);
                json.WriteNumber("positives", area.Positives);
                json.WriteNumber("value", area.Auc);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            if (agreement.Coverage is { } coverage)
            {
                json.WriteStartObject("interval_coverage");
                json.WriteNumber("level", coverage.Level);
                json.WriteNumber("n", coverage.Images);
                json.WriteNumber("inside", coverage.Inside);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    static void WriteDifferences(Utf8JsonWriter json, ReaderEvaluation evaluation)
    {
        json.WriteStartArray("differences");
        foreach (SeriesDifference difference in evaluation.Differences)
        {
            json.WriteStartObject();
            json.WriteString("of", evaluation.Join.Series[difference.Second].Label);
            json.WriteString("less", evaluation.Join.Series[difference.First].Label);
            json.WriteString("score", difference.Kind.Key);
            json.WriteNumber("n", difference.FirstFigures.Count);
            foreach (AgreementFigure figure in AgreementFigure.Compared)
                WriteFigure(json, figure.Key, difference.Difference(figure.Measure!.Value), difference.Interval(figure.Measure.Value));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void WriteGroups(Utf8JsonWriter json, ReaderEvaluation evaluation)
    {
        if (evaluation.By is null)
            return;
        json.WriteStartObject("groups");
        json.WriteString("by", evaluation.By);
        json.WriteStartArray("values");
        foreach (AgreementGroup group in evaluation.Groups)
        {
            json.WriteStartObject();
            json.WriteString("value", group.Value);
            json.WriteStartArray("series");
            for (int s = 0; s < group.Scores.Count; s++)
            {
                json.WriteStartObject();
                json.WriteString("label", evaluation.Join.Series[s].Label);
                WriteScores(json, group.Scores[s]);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteRaters(Utf8JsonWriter json, ReaderEvaluation evaluation)
    {
        if (evaluation.Raters.Count == 0)
            return;
        json.WriteStartArray("raters");
        for (int s = 0; s < evaluation.Raters.Count; s++)
        {
            foreach ((ScoreKind kind, RaterAgreement raters) in evaluation.Raters[s])
            {
                json.WriteStartObject();
                json.WriteString("label", evaluation.Join.Series[s].Label);
                json.WriteString("score", kind.Key);
                json.WriteNumber("complete_images", raters.CompleteImages);
                WriteFigure(json, "icc11", raters.BetweenRaters?.OneWay, null);
                WriteFigure(json, "icc21", raters.BetweenRaters?.Agreement, raters.BetweenRaters?.AgreementInterval);
                WriteFigure(json, "icc31", raters.BetweenRaters?.Consistency, null);
                WriteFigure(json, "icc2k", raters.BetweenRaters?.MeanAgreement, null);
                json.WriteStartArray("readers");
                foreach (RaterFigures rater in raters.Raters)
                {
                    json.WriteStartObject();
                    json.WriteString("reader", rater.Rater);
                    json.WriteNumber("n", rater.Model.Count);
                    WriteFigure(json, "difference_from_others", rater.DifferenceFromOthers, null);
                    WriteFigure(json, "model_difference_from_others", rater.ModelDifferenceFromOthers, null);
                    WriteFigure(json, "model_mae", rater.Model.MeanAbsoluteError, null);
                    WriteFigure(json, "model_icc21", rater.Model.Intraclass?.Agreement, rater.Model.Intraclass?.AgreementInterval);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
        }
        json.WriteEndArray();
    }

    /// <summary>A figure: its value, null where it is undefined, and the ends of its interval where it has one.</summary>
    static void WriteFigure(Utf8JsonWriter json, string key, double? value, ConfidenceInterval? interval)
    {
        json.WriteStartObject(key);
        if (value is { } known)
            json.WriteNumber("value", known);
        else
            json.WriteNull("value");
        if (interval is { } ends)
        {
            json.WriteNumber("low", ends.Low);
            json.WriteNumber("high", ends.High);
        }
        json.WriteEndObject();
    }

    static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
