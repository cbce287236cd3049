using System.Globalization;
using SeverityEngine.Tests;

namespace SeverityEngine.Dicom.Tests;

/// <summary>What stands in results, as DCMTK reads it.</summary>
public class ReportTests
{
    [Fact]
    public void A_report_has_scores_intervals_square_and_model()
    {
        byte[] file = new SourceImage().File(), report = Scored.Report(file);
        Prediction prediction = Scored.Predict(file);
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["x.dcm"], report);
        string tree = Dump.Run("dsrdump", "+Pc", "+Pl", folder["x.dcm"]).Text;
        string[] numbers = [.. Dump.Values(report, "0040,a30a")];
        Assert.Contains($"NUM:(GEOEXTENT,99SEVERITY,\"Geographic extent (0-8)\")=\"{numbers[0]}\" (1,UCUM,\"no units\")", tree,
            StringComparison.Ordinal);
        double[] values = [.. numbers.Select(n => double.Parse(n, CultureInfo.InvariantCulture))];
        Assert.Equal(prediction.GeographicExtent, values[0], 1e-6);
        Assert.Equal(prediction.Opacity, values.Length > 2 ? values[3] : values[1], 1e-6);
        // 96 x 72: the center square.
        Assert.Contains(@"POLYLINE,12/0,84/0,84/72,12/72,12/0", tree, StringComparison.Ordinal);
        Assert.Contains($"model sha256 {Scored.Model.Sha256}; engine {SeverityRuntime.EngineVersion}; display settings: none", tree,
            StringComparison.Ordinal);
        Assert.Contains("=\"severity-compact\"", tree, StringComparison.Ordinal);
        Assert.Contains("not for medical use", tree, StringComparison.Ordinal);
        Assert.Equal(["1.2.826.77.3"], Dump.Values(report, "0008,1155").Distinct());
        Assert.Equal("1.2.826.77.1", Dump.Values(report, "0020,000d")[0]);
    }

    [Fact]
    public void An_interval_is_told_as_uncertainty_below_and_above()
    {
        byte[] file = new SourceImage().File();
        Prediction outside = Scored.Predict(file), inside = new()
        {
            Score = outside.Score with
            {
                GeographicExtent = 4,
                Opacity = 2.5,
                Interval = new ScoreIntervals(0.8, new ScoreInterval(2.5, 5), new ScoreInterval(2, 4.5)),
            },
            Model = outside.Model,
            Width = 96,
            Height = 72,
            Format = "DICOM",
        };
        byte[] report = DicomReport.Encode(DicomSource.Read(file), inside, Scored.Model.Sha256);
        Assert.Equal(["4", "1.5", "1", "2.5", "0.5", "2"], Dump.Values(report, "0040,a30a"));
        Assert.Contains("uncertainty: 0.8 of experts' scores", Dump.Bytes(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Warnings_are_comments_without_the_name_of_the_file()
    {
        byte[] file = new SourceImage().Text(0x0028_0301, "CS", "YES").File();
        byte[] report = DicomReport.Encode(DicomSource.Read(file), Scored.Predict(file, "Jane Planted.dcm"), Scored.Model.Sha256);
        Assert.Contains("has texts burned in (0028,0301)", Dump.Values(report, "0040,a160"));
        Assert.DoesNotContain("Planted", Dump.Bytes(report), StringComparison.Ordinal);
    }

    [Fact]
    public void The_frame_that_was_scored_is_referred_to()
    {
        byte[] file = new SourceImage().Twice().File();
        DicomOptions second = new() { Frame = 2 };
        using XRayImage image = XRayImage.Decode(file, dicom: second);
        byte[] report = DicomReport.Encode(DicomSource.Read(file, dicom: second), Scored.Predict(image), Scored.Model.Sha256);
        Assert.Equal(["2"], Dump.Values(report, "0008,1160").Distinct());
    }

    [Fact]
    public void The_picture_shows_the_panel_and_the_banner()
    {
        byte[] capture = Scored.Capture(new SourceImage().File());
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["x.dcm"], capture);
        Assert.Equal(0, Dump.Run("dcm2pnm", "--write-raw-pnm", folder["x.dcm"], folder["x.ppm"]).ExitCode);
        using XRayImage red = XRayImage.Load(folder["x.ppm"]);
        int rows = int.Parse(Dump.Values(capture, "0028,0010")[0], CultureInfo.InvariantCulture);
        Assert.Equal(rows, red.Height);
        // The band beneath is black and white alone; the letters are drawn by the font of 5 x 9 dots.
        int bottom = red.Height - 24, ink = 0;
        for (int y = bottom; y < red.Height; y++)
        {
            foreach (byte value in red.Pixels.Data.Slice(y * red.Width, red.Width))
            {
                Assert.True(value is 0 or 255);
                ink += value / 255;
            }
        }
        Assert.InRange(ink, 200, red.Width * 24 / 3);
    }
}
