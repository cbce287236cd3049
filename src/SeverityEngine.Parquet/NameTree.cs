using System.Text;
using System.Text.Json;
using SeverityEngine.Parquet.Columns;

namespace SeverityEngine.Parquet;

/// <summary>The names that rows have in json, and the columns that they lead to.</summary>
sealed class NameTree
{
    readonly List<(byte[] Name, NameTree Below)> _below = [];
    int _next;

    /// <summary>The column; null for an object of further names.</summary>
    public ColumnBuffer? Column { get; private set; }

    /// <summary>Adds the way to a column.</summary>
    public void Add(IEnumerable<string> path, ColumnBuffer column)
    {
        NameTree tree = this;
        foreach (byte[] name in path.Select(Encoding.UTF8.GetBytes))
        {
            NameTree? known = tree._below.Find(b => b.Name.AsSpan().SequenceEqual(name)).Below;
            if (known is null)
                tree._below.Add((name, known = new NameTree()));
            tree = known;
        }
        tree.Column = column;
    }

    /// <summary>What stands below the name that a reader is at; null where there is none of it.</summary>
    public NameTree? Find(ref Utf8JsonReader reader)
    {
        // Rows have their columns in order: it is mostly the one behind the last.
        for (int i = 0; i < _below.Count; i++)
        {
            int at = (_next + i) % _below.Count;
            if (reader.ValueTextEquals(_below[at].Name))
            {
                _next = at + 1;
                return _below[at].Below;
            }
        }
        return null;
    }
}
