using System.Text;
using SeverityEngine.Evaluation.Joins;
using SeverityEngine.Evaluation.Tables;

namespace SeverityEngine.Evaluation.Tests;

public class ReaderJoinTests
{
    static IReadOnlyList<ResultRow> Rows(string csv, string name = "rows.csv") =>
        ResultFile.Read(TableFile.Read(Encoding.UTF8.GetBytes(csv), name));

    static ReaderFile Readers(string csv, ReaderColumns? columns = null) =>
        ReaderFile.Read(TableFile.Read(Encoding.UTF8.GetBytes(csv), "truth.csv"), columns ?? new ReaderColumns());

    static ReaderJoin Join(string rows, string truth) => ReaderJoin.Of(ResultSeries.Of([Rows(rows)]), Readers(truth));

    [Theory]
    [InlineData("a.png", "a.png")]
    [InlineData("x/y/a.png", "a.png")]
    [InlineData("x\\\\y\\\\a.png", "a.png")]
    [InlineData("x/y/a.png", "y/a.png")]
    [InlineData("archive.zip/a.dcm", "a.png")]
    [InlineData("a", "a.png")]
    [InlineData("x/1.2.840.5.dcm", "1.2.840.5")]
    [InlineData("x/1.2.840.5", "1.2.840.5.dcm")]
    public void An_image_is_found_by_its_path_its_name_or_its_name_without_the_extension(string file, string name)
    {
        ReaderJoin join = Join($"file,geographic_extent\n{file},1\nother.png,2\n", $"filename,geographic_mean\n{name},3\n");
        Assert.Equal(1, Assert.Single(join.Images).Rows[0]!.GeographicExtent);
        Assert.Equal(["other.png"], join.WithoutReaders(0));
    }

    [Fact]
    public void The_exact_name_goes_before_one_with_another_extension()
    {
        ReaderJoin join = Join("file,geographic_extent\na.jpg,1\na.png,2\n", "filename,geographic_mean\na.png,3\n");
        Assert.Equal(2, join.Images[0].Rows[0]!.GeographicExtent);
    }

    [Fact]
    public void A_number_at_a_names_end_is_no_extension() =>
        Assert.Null(Join("file,geographic_extent\n1.2.3.4,1\n", "filename,geographic_mean\n1.2.3.5,3\n").Images[0].Rows[0]);

    [Fact]
    public void A_name_that_fits_two_images_is_refused()
    {
        SeverityException e = Assert.Throws<SeverityException>(
            () => Join("file,geographic_extent\nx/a.png,1\ny/a.png,2\n", "filename,geographic_mean\na.png,3\n"));
        Assert.Equal(
            "truth.csv: line 2: 'a.png' fits x/a.png and y/a.png of rows.csv; name images with their folders there, as in the rows",
            e.Message);
    }

    [Fact]
    public void Two_names_that_fit_one_image_are_refused()
    {
        SeverityException e = Assert.Throws<SeverityException>(
            () => Join("file,geographic_extent\na.dcm,1\n", "filename,geographic_mean\na.png,3\na.jpg,4\n"));
        Assert.StartsWith(
            "truth.csv: line 3: 'a.jpg' and 'a.png' in line 2 both fit a.dcm of rows.csv;", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_did_not_match_is_named()
    {
        ReaderJoin join = Join("file,geographic_extent,opacity,error\na.png,1,1,\nb.png,,,broken\nc.png,2,2,\n",
            "filename,geographic_mean\na.png,3\nb.png,2\nd.png,4\n");
        Assert.Equal(["d.png"], join.WithoutRow(0));
        Assert.Equal([("b.png", "broken")], join.WithError(0));
        Assert.Equal(["c.png"], join.WithoutReaders(0));
    }

    [Fact]
    public void Files_of_one_model_that_share_no_image_are_one_series_and_others_are_shown_side_by_side()
    {
        const string Heading = "file,model,model_version,model_sha256,geographic_extent\n";
        IReadOnlyList<ResultSeries> series = ResultSeries.Of([
            Rows(Heading + "a.png,m,1,x,1\n", "1.csv"), Rows(Heading + "b.png,m,1,x,1\n", "2.csv"),
            Rows(Heading + "a.png,m,1,x,2\n", "3.csv"), Rows(Heading + "a.png,n,2,y,2\n", "4.csv")]);
        Assert.Equal(["m 1 (1.csv, 2.csv)", "m 1 (3.csv)", "n 2"], series.Select(s => s.Label));
    }

    [Fact]
    public void A_row_that_was_tried_again_counts_and_one_with_other_scores_is_refused()
    {
        Assert.Equal(1, Assert.Single(ResultSeries.Of([Rows("file,geographic_extent,error\na,,broken\na,1,\n")])[0].Rows).GeographicExtent);
        Assert.StartsWith("rows.csv: line 3: a has other scores than in line 2, by the same model", Assert.Throws<SeverityException>(
            () => ResultSeries.Of([Rows("file,geographic_extent\na,1\na,2\n")])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_for_each_reader_makes_one_image_with_their_mean()
    {
        ReaderFile readers = Readers("filename,reader,geographic_mean,opacity_mean\na,R1,1,\na,R2,2,3\n");
        ReaderImage image = Assert.Single(readers.Images);
        Assert.Equal(1.5, image.Mean(ScoreKind.GeographicExtent));
        Assert.Equal(3, image.Mean(ScoreKind.Opacity));
    }

    [Fact]
    public void Columns_have_the_names_that_are_given()
    {
        ReaderFile readers = Readers("img,geo,who\na,1,p1\n", new ReaderColumns { Name = "img", Extent = "GEO", Patient = "who" });
        Assert.Equal(1, readers.Images[0].Mean(ScoreKind.GeographicExtent));
        Assert.Equal("p1", readers.Images[0].Patient);
    }

    [Theory]
    [InlineData("filename,geographic_mean\na,1\na,2\n", "line 3: a stands in line 2 already;")]
    [InlineData("filename,rater,geographic_mean\na,R1,1\na,R1,2\n", "line 3: R1 scored a already;")]
    [InlineData("filename,rater,geographic_mean\na,,1\n", "line 2: it says no reader under 'rater'")]
    [InlineData("filename,geographic_mean\na,8.5\n", "'8.5' under 'geographic_mean' is beyond the scale of geographic extent, 0 to 8;")]
    [InlineData("filename,patientid,rater,geographic_mean\na,1,R1,1\na,2,R2,2\n", "line 3: a is of another patient than in line 2;")]
    [InlineData("filename,score\na,1\n", "has no column of scores")]
    [InlineData("x,geographic_mean\na,1\n", "has no column of images")]
    [InlineData("filename,geographic_mean\n,1\n", "line 2: it names no image")]
    public void Readers_files_that_contradict_themselves_are_refused(string csv, string fault) =>
        Assert.Contains(fault, Assert.Throws<SeverityException>(() => Readers(csv)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_without_results_is_refused() =>
        Assert.StartsWith("rows.csv: holds no results",
            Assert.Throws<SeverityException>(() => Rows("a,b\n1,2\n")).Message, StringComparison.Ordinal);
}
