using System.Globalization;
using System.Text;

namespace SeverityEngine.Batch.Rows;

/// <summary>Two lines an image, as the published script prints them; with several images, each under its name, and errors in their place.</summary>
sealed class TextScoreWriter(RowOutput output, bool named) : IScoreWriter
{
    readonly StringBuilder _text = new();

    public void Write(ScoreRow row)
    {
        _text.Clear();
        if (named)
            _text.Append(row.Name).Append('\n');
        if (row.Prediction is { } prediction)
        {
            ModelInfo model = prediction.Model;
            Add("geographic_extent", model.GeographicExtentRange, prediction.GeographicExtent);
            Add("opacity", model.OpacityRange, prediction.Opacity);
            for (int i = 0; i < prediction.Findings?.Count; i++)
                _text.Append(CultureInfo.InvariantCulture, $"{model.Labels[i]}: {prediction.Findings[i]:F4}\n");
        }
        else if (named)
            _text.Append(CultureInfo.InvariantCulture, $"error ({row.Error!.Code.Name()}): {row.Error.Message}\n");
        if (_text.Length > 0)
            output.Write(Encoding.UTF8.GetBytes(_text.ToString()));
    }

    public void Dispose()
    {
        // It owns nothing: the output is the caller's.
    }

    public void Complete() => output.Complete();

    void Add(string name, ScoreRange range, double value) =>
        _text.Append(CultureInfo.InvariantCulture, $"{name} ({range.Lowest}-{range.Highest}): {value:F4}\n");
}
