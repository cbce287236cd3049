using System.Text;
using SeverityEngine.Batch.Rows;

namespace SeverityEngine.Docs.Tests;

/// <summary>Tables in the pages that the code holds as data. With SEVERITY_UPDATE=1 they are written anew.</summary>
public class TableTests
{
    [Fact]
    public void The_table_of_columns_is_the_schema_of_rows()
    {
        StringBuilder table = new("| column | type | unit, range | what it says |\n| --- | --- | --- | --- |\n");
        foreach (RowColumn column in RowSchema.For(["LABEL"], saliency: true).Columns)
            table.Append($"| `{column.Name}` | {TypeOf(column)} | {column.Unit} | {column.Meaning} |\n");
        Page.AssertBlock("docs/batch.md", "columns", table.ToString().Replace("|  |", "| |", StringComparison.Ordinal));
    }

    static string TypeOf(RowColumn column) => column.Type switch
    {
        RowType.Text => "text",
        RowType.Texts => "list of texts",
        RowType.Integer => "integer",
        _ => "number",
    };
}
