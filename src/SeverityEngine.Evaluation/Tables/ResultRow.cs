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
