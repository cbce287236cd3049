using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Batch.Merge;

/// <summary>The columns that the rows of several files have: a number for each, and the order in which they are written.</summary>
sealed class MergeColumns
{
    const string Findings = "findings.";

    // All that rows of this program can say, in its order.
    static readonly RowColumn[] s_known = [.. RowSchema.For([], saliency: true, dicom: true, uids: true).Columns];

    // Findings have names of the model's, and stand before what follows them in every row.
    static readonly int s_findingsAt = Array.FindIndex(s_known, c => c.Name == "saliency.of");

    readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    readonly List<MergeColumn> _columns = [];

    /// <summary>Begins with the columns that every run's rows have, so that a table has them though they be empty.</summary>
    public MergeColumns()
    {
        foreach (RowColumn column in RowSchema.Plain.Columns)
            Add(column.Name);
    }

    public int Count => _columns.Count;

    public MergeColumn this[int number] => _columns[number];

    /// <summary>The number of a column; a new one where there is none of that name yet.</summary>
    public int Add(string name)
    {
        if (!_numbers.TryGetValue(name, out int number))
        {
            number = _columns.Count;
            _numbers.Add(name, number);
            _columns.Add(Describe(name));
        }
        return number;
    }

    /// <summary>The columns' numbers in the order of rows; what this program does not know stands at the end.</summary>
    public int[] InOrder() => [.. Enumerable.Range(0, Count).OrderBy(i => _columns[i].Rank)];

    static MergeColumn Describe(string name)
    {
        int known = Array.FindIndex(s_known, c => c.Name == name);
        if (known >= 0)
            return new MergeColumn(name, s_known[known].Path, s_known[known].Type, 2 * known);
        return name.StartsWith(Findings, StringComparison.Ordinal)
            ? new MergeColumn(name, [Findings[..^1], name[Findings.Length..]], RowType.Number, 2 * s_findingsAt - 1)
            : new MergeColumn(name, name.Split('.'), RowType.Text, int.MaxValue);
    }
}

/// <summary>A column of merged rows.</summary>
/// <param name="Name">Its name in csv.</param>
/// <param name="Path">The names that lead to it in json.</param>
/// <param name="Type">What its values are.</param>
/// <param name="Rank">Where it stands among the others.</param>
sealed record MergeColumn(string Name, IReadOnlyList<string> Path, RowType Type, int Rank);
