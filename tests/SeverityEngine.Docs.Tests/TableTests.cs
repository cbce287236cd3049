using System.Text;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Imaging.Formats;
using SeverityEngine.Onnx;

namespace SeverityEngine.Docs.Tests;

/// <summary>Tables in the pages that the code holds as data. With SEVERITY_UPDATE=1 they are written anew.</summary>
public class TableTests
{
    [Fact]
    public void The_table_of_columns_is_the_schema_of_rows()
    {
        StringBuilder table = new("| column | type | unit, range | what it says |\n| --- | --- | --- | --- |\n");
        foreach (RowColumn column in RowSchema.For(["LABEL"], saliency: true, dicom: true, uids: true).Columns)
            table.Append($"| `{column.Name}` | {TypeOf(column)} | {column.Unit} | {column.Meaning} |\n");
        Page.AssertBlock("docs/batch.md", "columns", table.ToString().Replace("|  |", "| |", StringComparison.Ordinal));
    }

    [Fact]
    public void The_table_of_formats_is_the_engines()
    {
        StringBuilder table = new("| format | extensions | |\n| --- | --- | --- |\n");
        foreach (ImageFormat format in ImageFormats.All)
        {
            string extensions = string.Join(", ", format.Extensions.Select(e => $"`.{e}`"));
            table.Append($"| {format.Name} | {extensions} | {(format.Decode is null ? $"refused: {format.Refusal}" : "read")} |\n");
        }
        Page.AssertBlock("docs/command-line.md", "formats", table.ToString().Replace("|  |", "| |", StringComparison.Ordinal));
        Assert.Contains(ImageFormats.AreRead, Page.Read("README.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_operators_of_data_are_those_that_the_checker_takes()
    {
        string[] names = [.. SafetyChecker.Operators.Order(StringComparer.Ordinal)];
        string standard = string.Join(", ", names.Where(n => !n.Contains('.', StringComparison.Ordinal)).Select(n => $"`{n}`"));
        string others = string.Join(", ", names.Where(n => n.Contains('.', StringComparison.Ordinal)).Select(n => $"`{n}`"));
        Page.AssertBlock("docs/models.md", "operators",
            $"| domain | operators |\n| --- | --- |\n| standard | {standard} |\n| others | {others} |\n");
    }

    static string TypeOf(RowColumn column) => column.Type switch
    {
        RowType.Text => "text",
        RowType.Texts => "list of texts",
        RowType.Integer => "integer",
        _ => "number",
    };
}
