namespace SeverityEngine.Batch.Rows;

/// <summary>What the values of a column are.</summary>
enum RowType
{
    Text,
    /// <summary>A list; csv joins it by <c>; </c>.</summary>
    Texts,
    Integer,
    /// <summary>A number of 32 bits, which is written with as few digits as tell it from others of 32 bits.</summary>
    Single,
    /// <summary>A number of 64 bits.</summary>
    Number,
}

/// <summary>The value of a column in one row, without boxing: the property that the column's type tells holds it.</summary>
readonly record struct RowValue
{
    /// <summary>Whether the row says nothing here: an empty field in csv, and no property in json.</summary>
    public bool IsAbsent { get; init; }

    public string? Text { get; init; }

    public IReadOnlyList<string>? Texts { get; init; }

    public long Integer { get; init; }

    public double Number { get; init; }
}

/// <summary>One thing that rows say: its name in every format, what it means, and where in a row it is found.</summary>
sealed record RowColumn
{
    static readonly RowValue s_absent = new() { IsAbsent = true };

    readonly Func<ScoreRow, RowValue> _value;

    RowColumn(RowType type, IReadOnlyList<string> path, string unit, string meaning, Func<ScoreRow, RowValue> value)
    {
        Type = type;
        Path = path;
        Name = string.Join('.', path);
        Unit = unit;
        Meaning = meaning;
        _value = value;
    }

    /// <summary>What its values are.</summary>
    public RowType Type { get; }

    /// <summary>The names of the objects in json that lead to the value, then its own.</summary>
    public IReadOnlyList<string> Path { get; }

    /// <summary>The name in csv: the path's parts, joined by a dot.</summary>
    public string Name { get; }

    /// <summary>The unit or the range of its values, for the documentation; empty for none.</summary>
    public string Unit { get; }

    /// <summary>What it says, for the documentation.</summary>
    public string Meaning { get; }

    /// <summary>Whether the text format, which is for people, shows it, under the last part of its path.</summary>
    public bool IsInText { get; init; }

    /// <summary>The range that text shows behind the name; null for none.</summary>
    public Func<ModelInfo, ScoreRange>? Range { get; init; }

    /// <summary>The interval that text shows behind the value; null for none.</summary>
    public Func<ScoreRow, ScoreInterval?>? Interval { get; init; }

    /// <summary>Its value in a row.</summary>
    public RowValue Of(ScoreRow row) => _value(row);

    /// <summary>A column, by the type of its values.</summary>
    /// <param name="path">The names in json, joined by dots.</param>
    /// <param name="unit">The unit or range of its values; empty for none.</param>
    /// <param name="meaning">What it says.</param>
    /// <param name="value">Its value in a row; null where it says nothing.</param>
    public static RowColumn Text(string path, string unit, string meaning, Func<ScoreRow, string?> value) =>
        new(RowType.Text, path.Split('.'), unit, meaning, row => value(row) is { } text ? new() { Text = text } : s_absent);

    /// <inheritdoc cref="Text(string, string, string, Func{ScoreRow, string?})"/>
    public static RowColumn Texts(string path, string unit, string meaning, Func<ScoreRow, IReadOnlyList<string>?> value) =>
        new(RowType.Texts, path.Split('.'), unit, meaning, row => value(row) is { } texts ? new() { Texts = texts } : s_absent);

    /// <inheritdoc cref="Text(string, string, string, Func{ScoreRow, string?})"/>
    public static RowColumn Integer(string path, string unit, string meaning, Func<ScoreRow, long?> value) =>
        new(RowType.Integer, path.Split('.'), unit, meaning, row => value(row) is { } number ? new() { Integer = number } : s_absent);

    /// <inheritdoc cref="Text(string, string, string, Func{ScoreRow, string?})"/>
    public static RowColumn Single(string path, string unit, string meaning, Func<ScoreRow, float?> value) =>
        new(RowType.Single, path.Split('.'), unit, meaning, row => value(row) is { } number ? new() { Number = number } : s_absent);

    /// <inheritdoc cref="Text(string, string, string, Func{ScoreRow, string?})"/>
    public static RowColumn Number(string path, string unit, string meaning, Func<ScoreRow, double?> value) =>
        Number(path.Split('.'), unit, meaning, value);

    /// <summary>A column of numbers.</summary>
    /// <param name="path">The names in json; one that comes from elsewhere, as labels do, may hold a dot.</param>
    /// <param name="unit">The unit or range of its values; empty for none.</param>
    /// <param name="meaning">What it says.</param>
    /// <param name="value">Its value in a row; null where it says nothing.</param>
    public static RowColumn Number(IReadOnlyList<string> path, string unit, string meaning, Func<ScoreRow, double?> value) =>
        new(RowType.Number, path, unit, meaning, row => value(row) is { } number ? new() { Number = number } : s_absent);
}
