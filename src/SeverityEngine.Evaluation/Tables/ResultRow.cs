namespace SeverityEngine.Evaluation.Tables;

/// <summary>What a row of results says: the scores of one image by one model, or why there are none.</summary>
sealed class ResultRow
{
    /// <summary>The image as the row names it.</summary>
    public required string File { get; init; }

    /// <summary>The model that made the scores.</summary>
    public required ResultModel Model { get; init; }

    /// <summary>Geographic extent, 0 to 8; null beside an error.</summary>
    public double? GeographicExtent { get; init; }

    /// <summary>Opacity, 0 to 6; null beside an error.</summary>
    public double? Opacity { get; init; }

    /// <summary>Why there is no score; null beside one.</summary>
    public string? Error { get; init; }

    /// <summary>The file of rows, and the row in it, for what else it says.</summary>
    public required Table Table { get; init; }

    /// <inheritdoc cref="Table"/>
    public required TableRow Row { get; init; }

    /// <summary>The file's name, without its folders.</summary>
    public string Name => NameOf(File);

    /// <summary>What the row says of the model's domain: <c>inside</c>, <c>outside</c>, or that nobody looked; null for nothing.</summary>
    public string? Verdict => Text("domain.verdict");

    /// <summary>Whether the picture is not of the kind that the model is made for: its scores mean nothing.</summary>
    public bool IsOutside => Verdict == "outside";

    /// <summary>The share of experts' scores that lie in the row's intervals; null where the row does not say.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: what stands there is no number.</exception>
    public double? IntervalLevel => Number("interval.level");

    /// <summary>Where an expert's score is likely to lie; null where the row does not say.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: what stands there is no number.</exception>
    public ScoreInterval? Interval(ScoreKind kind) =>
        Number($"interval.{kind.Key}.low") is { } low && Number($"interval.{kind.Key}.high") is { } high ? new(low, high) : null;

    /// <summary>What a row says under a column, as a number; null where it says nothing.</summary>
    /// <exception cref="SeverityException"><see cref="SeverityError.InvalidArgument"/>: what stands there is no number.</exception>
    public double? Number(string column) => Table.Number(Row, Table.IndexOf(column));

    /// <summary>The name at a path's end, whichever slash stands before it.</summary>
    public static string NameOf(string path) => path[(path.LastIndexOfAny(['/', '\\']) + 1)..];

    /// <summary>What the row says under a column; null where it says nothing.</summary>
    public string? Text(string column) => Row.Text(Table.IndexOf(column));

    /// <summary>A score; null where the row has none.</summary>
    public double? Score(ScoreKind kind) => kind == ScoreKind.GeographicExtent ? GeographicExtent : Opacity;
}

/// <summary>The model that made rows, as they name it.</summary>
/// <param name="Name">Its name; empty where rows name none.</param>
/// <param name="Version">Its version; empty where rows have none.</param>
/// <param name="Sha256">The hash of its file, which tells models apart; empty where rows have none.</param>
readonly record struct ResultModel(string Name, string Version, string Sha256)
{
    /// <summary>The name and version, for people.</summary>
    public override string ToString() => Name.Length == 0 ? "model" : $"{Name} {Version}".TrimEnd();
}
