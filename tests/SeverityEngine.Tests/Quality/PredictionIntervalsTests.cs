using System.Text.Json.Nodes;
using SeverityEngine.Onnx;
using SeverityEngine.Quality;

namespace SeverityEngine.Tests.Quality;

public class PredictionIntervalsTests
{
    static PredictionIntervals Some => new()
    {
        Method = "split conformal",
        Images = 138,
        Patients = 100,
        Levels = [0.8, 0.95],
        GeographicExtent = [1.5868, 2.93],
        Opacity = [1, 1],
    };

    [Fact]
    public void The_built_in_models_half_widths_are_those_that_it_is_described_with()
    {
        OrderedDictionary<string, string> metadata = OnnxModel.ReadMetadata(ModelFile.BuiltIn().Bytes, "model");
        PredictionIntervals intervals = PredictionIntervals.Read(metadata[ModelContract.IntervalsKey]);
        Assert.Equal((138, 100), (intervals.Images, intervals.Patients));
        Assert.Equal([0.8, 0.9, 0.95], intervals.Levels);
        Assert.Equal([1.59, 2.22, 2.93], intervals.GeographicExtent.Select(w => Math.Round(w, 2)));
        Assert.Equal([1.06, 1.29, 1.64], intervals.Opacity.Select(w => Math.Round(w, 2)));
    }

    [Fact]
    public void The_text_has_the_form_that_is_documented_and_reads_back()
    {
        string text = Some.Write();
        Assert.Equal(
            """{"version":1,"method":"split conformal","images":138,"patients":100,"levels":[0.8"""
            + """,0.95],"geographic_extent":[1.5868,2.93],"opacity":[1,1]}""", text);
        Assert.Equal(text, PredictionIntervals.Read(text).Write());
        PredictionIntervals unknown = PredictionIntervals.Read((Some with { Patients = null }).Write());
        Assert.Null(unknown.Patients);
    }

    [Fact]
    public void Half_widths_are_found_by_their_level()
    {
        Assert.Equal((2.93, 1), Some.HalfWidths(0.95));
        SeverityException error = Assert.Throws<SeverityException>(() => Some.HalfWidths(0.9));
        Assert.Equal(SeverityError.InvalidArgument, error.Code);
        Assert.Equal("the model has no intervals at 0.9; it has them at 0.8, 0.95", error.Message);
    }

    [Theory]
    [InlineData("version", "2", "its version is 2")]
    [InlineData("images", "0", "images is 0")]
    [InlineData("patients", "0", "patients is 0")]
    [InlineData("method", "null", "method")]
    [InlineData("levels", "[]", "levels are not all between 0 and 1")]
    [InlineData("levels", "[0.8,1]", "levels are not all between 0 and 1")]
    [InlineData("levels", "[0.95,0.8]", "levels do not rise")]
    [InlineData("levels", "[0.8,0.8]", "levels do not rise")]
    [InlineData("levels", "[0.8,\"NaN\"]", "levels is no number")]
    [InlineData("geographic_extent", "[1]", "geographic_extent has 1 half-widths for 2 levels")]
    [InlineData("geographic_extent", "[1,1e999]", "geographic_extent has half-widths that are no widths")]
    [InlineData("geographic_extent", "[-1,1]", "geographic_extent has half-widths that are no widths")]
    [InlineData("opacity", "[2,1]", "opacity falls where its level rises")]
    [InlineData("opacity", "null", "opacity")]
    public void A_value_that_cannot_be_used_is_refused_by_its_name(string name, string value, string fault)
    {
        JsonObject json = JsonNode.Parse(Some.Write())!.AsObject();
        json[name] = "(value)";
        SeverityException error = Assert.Throws<SeverityException>(
            () => PredictionIntervals.Read(json.ToJsonString().Replace("\"(value)\"", value, StringComparison.Ordinal)));
        Assert.Equal(SeverityError.ModelContract, error.Code);
        Assert.StartsWith("severity.intervals cannot be used: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interval_lies_around_its_score_and_ends_with_the_range()
    {
        ScoreRange range = new(0, 8);
        Assert.Equal(new ScoreInterval(2, 5), ScoreInterval.Around(3.5, 1.5, range));
        Assert.Equal(new ScoreInterval(0, 2.5), ScoreInterval.Around(1, 1.5, range));
        Assert.Equal(new ScoreInterval(7, 8), ScoreInterval.Around(8, 1, range));
    }
}
