using System.Text;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Rows;

public class RowFileTests
{
    const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    const string Heading = "file,name,sha256,width,height,model,model_version,model_sha256,engine_version,"
        + "geographic_extent,opacity,geographic_extent_raw,opacity_raw,"
        + "interval.level,interval.geographic_extent.low,interval.geographic_extent.high,interval.opacity.low,interval.opacity.high,"
        + "domain.verdict,domain.ratio,domain.picture_ratio,domain.feature_ratio,domain.contrast_ratio,domain.reason,warnings,"
        + "timings_ms.decode,timings_ms.preprocess,timings_ms.infer,error_code,error";

    static readonly string[] s_names = ["plain.png", "a, \"quoted\"\r\nname.png", "überaus.png", "last.png"];

    static readonly ModelStamp s_model = new("compact", "1", new string('a', 64));

    static ScoreRow Scored(string name, string hash = Hash) => new(name)
    {
        Sha256 = hash,
        MadeBy = s_model,
        Prediction = new Prediction
        {
            Width = 3,
            Height = 4,
            Format = "PNG",
            Model = new ModelInfo(
                "compact", "1", 224, new ScoreRange(0, 8), new ScoreRange(0, 6), [], [], [], 0, new Dictionary<string, string>()),
            Score = new SeverityScore(
                1.5, 0.25, 1.5, -0.25, new PredictionTimings(TimeSpan.FromMilliseconds(1.5), default, TimeSpan.FromMilliseconds(20))),
            Warnings = ["odd", "very odd"],
        },
    };

    static ScoreRow Failed(string name, SeverityError code, string? hash = null) =>
        new(name) { Sha256 = hash, MadeBy = s_model, Error = new SeverityException(code, $"{name}: bad, \"really\"") };

    static IRowFormat Format(bool csv) => csv ? new CsvRows(RowSchema.Plain) : new JsonRows(RowSchema.Plain);

    static IScoreWriter Writer(RowOutput output, bool csv) =>
        csv ? new CsvRows(RowSchema.Plain).Writer(output) : new JsonRows(RowSchema.Plain).Writer(output, asArray: false);

    static RowFile Open(string path, bool csv) => new(path, Format(csv), host: null);

    static void Write(string path, bool csv, params ScoreRow[] rows)
    {
        using RowFile file = Open(path, csv);
        using IScoreWriter writer = Writer(file, csv);
        foreach (ScoreRow row in rows)
            writer.Write(row);
        writer.Complete();
    }

    [Fact]
    public void Csv_is_what_RFC_4180_says()
    {
        using TemporaryFolder folder = new();
        Write(folder["x.csv"], csv: true, Scored(s_names[1]), Failed("b.png", SeverityError.FileEmpty));
        string model = $"compact,1,{s_model.Sha256},{SeverityRuntime.EngineVersion}", expected = Heading + "\r\n"
            + $"\"a, \"\"quoted\"\"\r\nname.png\",\"a, \"\"quoted\"\"\r\nname.png\",{Hash},3,4,{model},1.5,0.25,1.5,-0.25,,,,,,"
            + "not_checked,,,,,,odd; very odd,1.5,0,20,,\r\n"
            + $"b.png,b.png,,,,{model},,,,,,,,,,,,,,,,,,,,file_empty,\"b.png: bad, \"\"really\"\"\"\r\n";
        Assert.Equal(expected, File.ReadAllText(folder["x.csv"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_cut_at_any_byte_keeps_its_whole_rows_and_takes_the_rest_again(bool csv)
    {
        using TemporaryFolder folder = new();
        ScoreRow[] rows = [.. s_names.Select(n => Scored(n))];
        Write(folder["whole"], csv, rows);
        byte[] whole = File.ReadAllBytes(folder["whole"]);
        Write(folder["one"], csv, rows[0]);
        int one = (int)new FileInfo(folder["one"]).Length;
        for (int length = 0; length <= whole.Length; length++)
        {
            string path = folder["cut"];
            File.WriteAllBytes(path, whole[..length]);
            int held;
            using (RowFile file = Open(path, csv))
                held = file.Held.Count;
            if (length < whole.Length && length >= one)
                Assert.InRange(held, 1, rows.Length - 1);
            Write(path, csv, rows[held..]);
            Assert.Equal(whole, File.ReadAllBytes(path));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Zeros_that_a_power_failure_left_are_cut_off(bool csv)
    {
        using TemporaryFolder folder = new();
        Write(folder["x"], csv, Scored("a"));
        byte[] before = File.ReadAllBytes(folder["x"]);
        File.WriteAllBytes(folder["x"], [.. before, .. new byte[5000]]);
        Write(folder["x"], csv);
        Assert.Equal(before, File.ReadAllBytes(folder["x"]));
    }

    [Theory]
    [InlineData(false, "dear diary")]
    [InlineData(false, "{\"file\":1}\n")]
    [InlineData(false, "[1, 2]\n")]
    [InlineData(false, "{\"file\":\"a\",\"error_code\":\"internal\",\"error\":\"\"}\nno row\n"
        + "{\"file\":\"a\",\"error_code\":\"internal\",\"error\":\"\"}\n")]
    [InlineData(true, "dear diary")]
    [InlineData(true, "file,score\n1,2\n")]
    [InlineData(true, Heading + "\r\na,b,c\r\n")]
    [InlineData(true, Heading + ",saliency\r\n")]
    public void A_file_that_is_not_ours_is_refused_and_left_as_it_is(bool csv, string content)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["x"], content);
        SeverityException error = Assert.Throws<SeverityException>(() => Open(folder["x"], csv));
        Assert.Equal(SeverityError.InvalidArgument, error.Code);
        Assert.Contains(folder["x"], error.Message);
        Assert.Equal(content, File.ReadAllText(folder["x"]));
    }

    [Theory]
    [InlineData("name,", "", "it lacks name;")]
    [InlineData("height,", "height,depth,", "it also has depth;")]
    [InlineData("opacity,", "density,", "it lacks opacity, and it also has density;")]
    [InlineData("width,height,", "height,width,", "its columns come in another order;")]
    [InlineData("model,model_version,model_sha256,engine_version,geographic_extent,opacity,", "model,",
        "it lacks model_version, model_sha256, engine_version, geographic_extent, opacity;")]
    public void A_heading_that_differs_is_refused_by_its_columns(string part, string instead, string said)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["x"], Heading.Replace("," + part, "," + instead, StringComparison.Ordinal) + "\r\n");
        SeverityException error = Assert.Throws<SeverityException>(() => Open(folder["x"], csv: true));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(',', true)]
    [InlineData('\t', true)]
    [InlineData('\t', false)]
    public void Rows_of_csv_and_tsv_with_and_without_a_mark_are_read_back(char separator, bool bom)
    {
        using TemporaryFolder folder = new();
        CsvRows rows = new(RowSchema.Plain, separator: separator, bom: bom);
        string odd = $"a{separator}b, \"c\"\r\n.png";
        for (int i = 0; i < 2; i++)
        {
            using RowFile file = new(folder["x"], rows, host: null);
            using IScoreWriter writer = rows.Writer(file);
            writer.Write(Scored(odd));
            writer.Complete();
        }
        byte[] written = File.ReadAllBytes(folder["x"]);
        Assert.Equal(bom, written.AsSpan().StartsWith("\uFEFF"u8));
        Assert.Equal(bom ? 1 : 0, written.Count(b => b == 0xEF));
        Assert.Equal(Heading.Replace(',', separator), File.ReadLines(folder["x"]).First());
        // With or without a mark, whoever resumes.
        using RowFile again = new(folder["x"], new CsvRows(RowSchema.Plain, separator: separator), host: null);
        Assert.Equal(2, again.Held.Count);
        Assert.True(again.Held.TryTake(odd, Hash, out SeverityError _));
    }

    [Fact]
    public void A_second_writer_is_kept_out()
    {
        using TemporaryFolder folder = new();
        using RowFile first = Open(folder["x"], csv: false);
        Assert.Equal(SeverityError.FileUnwritable, Assert.Throws<SeverityException>(() => Open(folder["x"], csv: false)).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_row_answers_for_one_image_of_its_name_and_content(bool csv)
    {
        using TemporaryFolder folder = new();
        string other = Hash[1..] + "0";
        Write(folder["x"], csv, Scored("twice"), Scored("twice"), Scored("changed"), Failed("corrupt", SeverityError.ImageCorrupt, Hash),
            Failed("missing", SeverityError.FileNotFound), Failed("crashed", SeverityError.Internal, Hash));
        using RowFile file = Open(folder["x"], csv);
        ResumeIndex held = file.Held;
        Assert.Equal(6, held.Count);
        held.Models.RequireOnly(s_model, "x");
        Assert.Contains("holds scores of the model compact", Assert.Throws<SeverityException>(
            () => held.Models.RequireOnly(s_model with { Sha256 = other }, "x")).Message, StringComparison.Ordinal);
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => held.TryTake("twice", Hash, out SeverityError _)));
        Assert.False(held.TryTake("changed", other, out _));
        Assert.False(held.TryTake("new", Hash, out _));
        Assert.True(held.TryTake("corrupt", Hash, out SeverityError code));
        Assert.Equal(SeverityError.ImageCorrupt, code);
        // What lies in the engine may be mended by now.
        Assert.False(held.TryTake("crashed", Hash, out _));
        Assert.False(held.TryTakeUnread("missing", SeverityError.FileUnreadable));
        Assert.True(held.TryTakeUnread("missing", SeverityError.FileNotFound));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_that_new_ones_take_the_place_of_are_dropped_and_all_others_stay(bool csv)
    {
        using TemporaryFolder folder = new();
        string other = Hash[1..] + "0";
        ScoreRow[] old =
        [
            Scored("stays"), Scored("changed"), Scored("a,\n\"b\""), Failed("missing", SeverityError.FileNotFound),
            Scored("of another run"),
        ];
        Write(folder["x"], csv, old);
        using (RowFile file = Open(folder["x"], csv))
        using (IScoreWriter writer = Writer(file, csv))
        {
            Assert.True(file.Held.TryTake("stays", Hash, out _));
            foreach (string name in (string[])["changed", "missing", "new"])
            {
                file.Held.Renew(name);
                writer.Write(Scored(name, other));
            }
            writer.Complete();
            file.DropOutdated();
            // The file is whole again and takes more.
            writer.Write(Scored("after"));
            writer.Complete();
        }
        Write(folder["expected"], csv, old[0], old[2], old[4], Scored("changed", other), Scored("missing", other), Scored("new", other),
            Scored("after"));
        Assert.Equal(
            Encoding.UTF8.GetString(File.ReadAllBytes(folder["expected"])), Encoding.UTF8.GetString(File.ReadAllBytes(folder["x"])));
        Assert.Equal(["expected", "x"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }
}
