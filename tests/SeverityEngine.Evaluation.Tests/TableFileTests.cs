using System.Text;
using SeverityEngine.Evaluation.Tables;

namespace SeverityEngine.Evaluation.Tests;

public class TableFileTests
{
    static Table Read(string text) => TableFile.Read(Encoding.UTF8.GetBytes(text), "t.csv");

    static string[][] Values(Table table) => [.. table.Rows.Select(r => table.Columns.Select((_, i) => r.Text(i) ?? "").ToArray())];

    [Fact]
    public void Comments_above_the_heading_are_no_rows()
    {
        Table table = Read("## License: CC BY-SA,,\n## more,,\nfilename,geographic_mean,opacity_mean\na.png,6.0,4.0\n");
        Assert.Equal(["filename", "geographic_mean", "opacity_mean"], table.Columns);
        Assert.Equal([["a.png", "6.0", "4.0"]], Values(table));
        Assert.Equal(4, table.Rows[0].Line);
    }

    [Theory]
    [InlineData("file,extent\r\n\"a,b.png\",1\r\n", "a,b.png")]
    [InlineData("file;extent\n\"a;b.png\";1\n", "a;b.png")]
    [InlineData("file\textent\n\"a\tb.png\"\t1", "a\tb.png")]
    [InlineData("\uFEFFfile,extent\n\"a\nb.png\",1\n", "a\nb.png")]
    [InlineData("file,extent\n\"a \"\"b\"\".png\",1\n", "a \"b\".png")]
    public void Quotes_and_separators_are_those_of_rfc_4180(string text, string name) =>
        Assert.Equal([[name, "1"]], Values(Read(text)));

    [Fact]
    public void A_row_of_another_length_names_its_line() =>
        Assert.StartsWith("t.csv: line 3 has 3 values, and the heading names 2;",
            Assert.Throws<SeverityException>(() => Read("file,extent\na,1\nb,2,3\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_comma_is_a_decimal_point_where_semicolons_separate()
    {
        Table table = Read("file;extent\na;2,7\n");
        Assert.Equal(2.7, table.Number(table.Rows[0], 1));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("NaN")]
    [InlineData("1e999")]
    public void What_is_no_number_is_named_with_its_line_and_column(string value)
    {
        Table table = Read($"file,extent\na,{value}\n");
        Assert.StartsWith($"t.csv: line 2: '{value}' under 'extent' is no number",
            Assert.Throws<SeverityException>(() => table.Number(table.Rows[0], 1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"file\":\"a\",\"domain\":{\"verdict\":\"inside\"},\"warnings\":[\"x\",\"y\"]}\n\n{\"file\":\"b\",\"extent\":1.5}\n")]
    [InlineData("[{\"file\":\"a\",\"domain\":{\"verdict\":\"inside\"},\"warnings\":[\"x\",\"y\"]},{\"file\":\"b\",\"extent\":1.5}]")]
    public void Objects_in_json_become_columns_with_dots(string json)
    {
        Table table = Read(json);
        Assert.Equal(["file", "domain.verdict", "warnings", "extent"], table.Columns);
        Assert.Equal([["a", "inside", "x; y", ""], ["b", "", "", "1.5"]], Values(table));
    }

    [Fact]
    public void Utf16_is_read_by_its_mark() =>
        Assert.Equal([["ä", "1"]], Values(TableFile.Read(
            Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("file,extent\nä,1\n")).ToArray(), "t.csv")));

    [Theory]
    [InlineData("")]
    [InlineData("# comment alone\n")]
    [InlineData("{\"file\":")]
    [InlineData("[1]")]
    [InlineData("{\"file\":\"\\ud800\"}")]
    [InlineData("a,b,A\n1,2,3\n")]
    [InlineData("\u0089PNG\r\n\0\0")]
    public void What_is_no_table_is_refused(string text)
    {
        SeverityException e = Assert.Throws<SeverityException>(() => Read(text));
        Assert.Equal(SeverityError.InvalidArgument, e.Code);
        Assert.Contains("is no table", e.Message, StringComparison.Ordinal);
    }
}
