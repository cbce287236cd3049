using System.Text;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Imaging.Formats;

namespace SeverityEngine.Batch.Tests.Rows;

/// <summary>One list of columns drives every format.</summary>
public class RowSchemaTests
{
    const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    static readonly ModelStamp s_model = new("compact", "1", new string('a', 64));

    static readonly string[] s_labels = ["Lung Opacity", "Mass, or \"Nodule\"", "v1.2"];

    /// <summary>A row that says all there is to say, but for a file of raw values.</summary>
    static ScoreRow Full
    {
        get
        {
            SeverityScore score = new(8, 2.0625, 8.123456789012344, 2.0625,
                new PredictionTimings(TimeSpan.FromMilliseconds(1.5), TimeSpan.FromTicks(1234), TimeSpan.FromMilliseconds(20)))
            {
                Domain = new DomainResult(1.5, 0.75, 0.5, 0.25, null),
                Interval = new ScoreIntervals(0.9, new ScoreInterval(5.75, 8), new ScoreInterval(0.5, 3.25)),
            };
            SaliencyOptions options = new() { Target = SaliencyTarget.Opacity, Method = SaliencyMethod.ClassActivation };
            SaliencyMap map = new(score, options, 2, [0.1f, -0.2f, 0.3f, 0], new float[4]);
            return new ScoreRow("a, \"b\"\n\u00fc.png")
            {
                Sha256 = Hash,
                MadeBy = s_model,
                Prediction = new Prediction
                {
                    Width = 3000,
                    Height = 2048,
                    Format = "PNG",
                    Model = new ModelInfo("compact", "1", 224, new ScoreRange(0, 8), new ScoreRange(0, 6.5), [], s_labels, [], 0,
                        new Dictionary<string, string>()),
                    Uids = new DicomUids("1.2", null, "1.2.3"),
                    Score = score,
                    Findings = [0.5, 1e-5, 0.1 + 0.2],
                    Warnings = ["odd", "very <odd>, \u00e9"],
                },
                Saliency = new WrittenSaliency(map, new SaliencyPaths("maps/a, b.png", "panels/a.png", null)),
            };
        }
    }

    static ScoreRow Failed => new("b.png")
    {
        MadeBy = s_model,
        Error = new SeverityException(SeverityError.FileNotFound, "b.png: no such file; check \"the path\""),
    };

    /// <summary>What all rows say of what made them.</summary>
    static string Model => $"compact,1,{s_model.Sha256},{SeverityRuntime.EngineVersion}";

    static string JsonModel => $"\"model\":\"compact\",\"model_version\":\"1\",\"model_sha256\":\"{s_model.Sha256}\","
        + $"\"engine_version\":\"{SeverityRuntime.EngineVersion}\",";

    /// <summary>The text of both rows in a format.</summary>
    static string Written(Func<RowOutput, IScoreWriter> make, params ScoreRow[] rows)
    {
        using MemoryStream stream = new();
        using StreamOutput output = new(stream);
        using IScoreWriter writer = make(output);
        foreach (ScoreRow row in rows)
            writer.Write(row);
        writer.Complete();
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    static RowSchema Everything => RowSchema.For(s_labels, saliency: true, uids: true);

    [Fact]
    public void Csv_says_everything_in_its_columns()
    {
        string expected = "file,name,sha256,study_instance_uid,series_instance_uid,sop_instance_uid,"
            + "width,height,model,model_version,model_sha256,engine_version,geographic_extent,opacity,geographic_extent_raw,opacity_raw,"
            + "interval.level,interval.geographic_extent.low,interval.geographic_extent.high,interval.opacity.low,interval.opacity.high,"
            + "domain.verdict,domain.ratio,domain.picture_ratio,domain.feature_ratio,domain.contrast_ratio,domain.reason,"
            + "findings.Lung Opacity,\"findings.Mass, or \"\"Nodule\"\"\",findings.v1.2,"
            + "saliency.of,saliency.method,saliency.picture,saliency.panel,saliency.raw,"
            + "saliency.peak.x,saliency.peak.y,saliency.peak.value,"
            + "saliency.left_half_share,saliency.right_half_share,"
            + "warnings,timings_ms.decode,timings_ms.preprocess,timings_ms.infer,error_code,error\r\n"
            + $"\"a, \"\"b\"\"\n\u00fc.png\",\"a, \"\"b\"\"\n\u00fc.png\",{Hash},1.2,,1.2.3,3000,2048,"
            + $"{Model},8,2.0625,8.123456789012344,2.0625,"
            + "0.9,5.75,8,0.5,3.25,outside,1.5,1.5,0.75,0.25,not_an_x_ray,0.5,1E-05,0.30000000000000004,"
            + "opacity,cam,\"maps/a, b.png\",panels/a.png,,0,1,0.3,1,0,\"odd; very <odd>, \u00e9\",1.5,0.1234,20,,\r\n"
            + $"b.png,b.png,,,,,,,{Model},,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,"
            + "file_not_found,\"b.png: no such file; check \"\"the path\"\"\"\r\n";
        Assert.Equal(expected, Written(new CsvRows(Everything).Writer, Full, Failed));
    }

    [Fact]
    public void Jsonl_says_everything_in_objects()
    {
        string expected = "{\"file\":\"a, \\\"b\\\"\\n\u00fc.png\",\"name\":\"a, \\\"b\\\"\\n\u00fc.png\",\"sha256\":\"" + Hash + "\","
            + "\"study_instance_uid\":\"1.2\",\"sop_instance_uid\":\"1.2.3\","
            + "\"width\":3000,\"height\":2048," + JsonModel
            + "\"geographic_extent\":8,\"opacity\":2.0625,\"geographic_extent_raw\":8.123456789012344,\"opacity_raw\":2.0625,"
            + "\"interval\":{\"level\":0.9,\"geographic_extent\":{\"low\":5.75,\"high\":8},\"opacity\":{\"low\":0.5,\"high\":3.25}},"
            + "\"domain\":{\"verdict\":\"outside\",\"ratio\":1.5,\"picture_ratio\":1.5,\"feature_ratio\":0.75,"
            + "\"contrast_ratio\":0.25,\"reason\":\"not_an_x_ray\"},"
            + "\"findings\":{\"Lung Opacity\":0.5,\"Mass, or \\\"Nodule\\\"\":1E-05,\"v1.2\":0.30000000000000004},"
            + "\"saliency\":{\"of\":\"opacity\",\"method\":\"cam\",\"picture\":\"maps/a, b.png\",\"panel\":\"panels/a.png\","
            + "\"peak\":{\"x\":0,\"y\":1,\"value\":0.3},"
            + "\"left_half_share\":1,\"right_half_share\":0},\"warnings\":[\"odd\",\"very <odd>, \u00e9\"],"
            + "\"timings_ms\":{\"decode\":1.5,\"preprocess\":0.1234,\"infer\":20}}\n"
            + "{\"file\":\"b.png\",\"name\":\"b.png\"," + JsonModel + "\"error_code\":\"file_not_found\","
            + "\"error\":\"b.png: no such file; check \\\"the path\\\"\"}\n";
        Assert.Equal(expected, Written(o => new JsonRows(Everything).Writer(o, asArray: false), Full, Failed));
    }

    [Fact]
    public void Json_is_one_array_of_the_same_objects()
    {
        const string Expected = """
            [
              {
                "file": "a, \"b\"\nü.png",
                "name": "a, \"b\"\nü.png",
                "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "study_instance_uid": "1.2",
                "sop_instance_uid": "1.2.3",
                "width": 3000,
                "height": 2048,
                "model": "compact",
                "model_version": "1",
                "model_sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "engine_version": "ENGINE",
                "geographic_extent": 8,
                "opacity": 2.0625,
                "geographic_extent_raw": 8.123456789012344,
                "opacity_raw": 2.0625,
                "interval": {
                  "level": 0.9,
                  "geographic_extent": {
                    "low": 5.75,
                    "high": 8
                  },
                  "opacity": {
                    "low": 0.5,
                    "high": 3.25
                  }
                },
                "domain": {
                  "verdict": "outside",
                  "ratio": 1.5,
                  "picture_ratio": 1.5,
                  "feature_ratio": 0.75,
                  "contrast_ratio": 0.25,
                  "reason": "not_an_x_ray"
                },
                "findings": {
                  "Lung Opacity": 0.5,
                  "Mass, or \"Nodule\"": 1E-05,
                  "v1.2": 0.30000000000000004
                },
                "saliency": {
                  "of": "opacity",
                  "method": "cam",
                  "picture": "maps/a, b.png",
                  "panel": "panels/a.png",
                  "peak": {
                    "x": 0,
                    "y": 1,
                    "value": 0.3
                  },
                  "left_half_share": 1,
                  "right_half_share": 0
                },
                "warnings": [
                  "odd",
                  "very <odd>, é"
                ],
                "timings_ms": {
                  "decode": 1.5,
                  "preprocess": 0.1234,
                  "infer": 20
                }
              },
              {
                "file": "b.png",
                "name": "b.png",
                "model": "compact",
                "model_version": "1",
                "model_sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "engine_version": "ENGINE",
                "error_code": "file_not_found",
                "error": "b.png: no such file; check \"the path\""
              }
            ]

            """;
        Assert.Equal(Expected.ReplaceLineEndings("\n").Replace("ENGINE", SeverityRuntime.EngineVersion, StringComparison.Ordinal),
            Written(o => new JsonRows(Everything).Writer(o, asArray: true), Full, Failed));
    }

    [Fact]
    public void Text_shows_scores_with_their_ranges_and_findings()
    {
        // The line's end in the name is spelled out for people; scores are below the ends of their titles.
        const string Table = """
            geographic_extent (0-8)  opacity (0-6.5)  Lung Opacity  Mass, or "Nodule"     v1.2  image
                             8.0000           2.0625        0.5000             0.0000   0.3000  a, "b"\n\u00FC.png
                                  -                -             -                  -        -  b.png: ERROR

            """;
        Assert.Equal(Table.Replace("ERROR", "error (file_not_found): no such file; check \"the path\"", StringComparison.Ordinal)
            .ReplaceLineEndings("\n").Replace("\\u00FC", "\u00FC", StringComparison.Ordinal),
            Written(o => new TextRows(Everything, o, () => Full.Prediction!.Model), Full, Failed));
        Assert.Equal("geographic_extent (0-8): 8.0000\nopacity (0-6.5): 2.0625\n"
            + "Lung Opacity: 0.5000\nMass, or \"Nodule\": 0.0000\nv1.2: 0.3000\n",
            Written(o => new TextRows(Everything, o, model: null), Full, Failed));
    }

    [Fact]
    public void Text_says_the_list_of_formats_once()
    {
        string[] lines = Written(o => new TextRows(RowSchema.Plain, o, () => Full.Prediction!.Model), Unknown("a"), Unknown("b"))
            .Split('\n');
        Assert.EndsWith($"a: error (image_format_unknown): no image; {ImageFormats.AreRead}", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("b: error (image_format_unknown): no image", lines[2], StringComparison.Ordinal);

        static ScoreRow Unknown(string name) =>
            new(name) { Error = new SeverityException(SeverityError.ImageFormatUnknown, $"{name}: no image; {ImageFormats.AreRead}") };
    }

    [Fact]
    public void A_further_column_flows_to_every_format_and_back()
    {
        RowColumn further = RowColumn.Integer("extra.name_length", "characters", "how long the name is", r => r.Name.Length)
            with
        { IsInText = true };
        // In front, so that the columns by which rows are recognized move.
        RowSchema schema = new([further, .. RowSchema.Plain.Columns]);
        CsvRows csv = new(schema);
        JsonRows json = new(schema);
        string[] lines = Written(csv.Writer, Failed, Full with { Name = "c.png" }).Split("\r\n");
        Assert.Equal("extra.name_length,file,name,sha256", lines[0][..34]);
        Assert.StartsWith("5,b.png,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("5,c.png,c.png,0123", lines[2], StringComparison.Ordinal);
        string[] objects = Written(o => json.Writer(o, asArray: false), Failed, Full with { Name = "c.png" }).Split('\n');
        Assert.StartsWith("{\"extra\":{\"name_length\":5},\"file\":\"b.png\",", objects[0], StringComparison.Ordinal);
        foreach ((IRowFormat format, string[] rows) in ((IRowFormat, string[])[])[(csv, lines[1..]), (json, objects)])
        {
            Assert.True(format.TryRead(Encoding.UTF8.GetBytes(rows[0]), out RowKey failed));
            Assert.Equal(new RowKey("b.png", null, "compact", "file_not_found") { ModelSha256 = s_model.Sha256 }, failed);
            Assert.True(format.TryRead(Encoding.UTF8.GetBytes(rows[1]), out RowKey scored));
            Assert.Equal(new RowKey("c.png", Hash, "compact", null) { ModelSha256 = s_model.Sha256 }, scored);
        }
        Assert.StartsWith(
            "name_length: 5\ngeographic_extent", Written(o => new TextRows(schema, o, model: null), Full with { Name = "c.png" }));
    }

    [Fact]
    public void Names_are_unique_and_columns_of_one_object_stand_together()
    {
        IReadOnlyList<RowColumn> columns = Everything.Columns;
        Assert.Equal(columns.Count, columns.Select(c => c.Name).Distinct().Count());
        foreach (RowColumn column in columns)
        {
            string parent = string.Join('.', column.Path.SkipLast(1));
            bool[] within =
                [.. columns.Select(c => $"{string.Join('.', c.Path.SkipLast(1))}.".StartsWith($"{parent}.", StringComparison.Ordinal))];
            if (parent.Length > 0)
                Assert.Equal(within.Count(w => w), Array.LastIndexOf(within, true) - Array.IndexOf(within, true) + 1);
        }
    }

    [Fact]
    public void Rows_are_written_with_little_garbage()
    {
        using StreamOutput output = new(Stream.Null);
        foreach (Func<RowOutput, IScoreWriter> make in (Func<RowOutput, IScoreWriter>[])[
            new CsvRows(RowSchema.Plain).Writer, o => new JsonRows(RowSchema.Plain).Writer(o, asArray: false)])
        {
            using IScoreWriter writer = make(output);
            ScoreRow row = Full with { Name = "plain.png" };
            writer.Write(row);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
                writer.Write(row);
            // The joined and quoted warnings in csv; nothing but enumerators in json.
            Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 0, 300);
        }
    }
}
