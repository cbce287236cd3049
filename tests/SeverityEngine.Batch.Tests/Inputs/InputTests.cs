using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Inputs;

/// <summary>What can be named to <c>severity predict</c>, and what comes of it.</summary>
public class InputTests
{
    static string[] FilesOf(CommandResult result) => [.. Rows(result).Select(r => r.GetProperty("file").GetString()!)];

    static JsonElement[] Rows(CommandResult result) => [.. result.Lines.Select(l => JsonDocument.Parse(l).RootElement)];

    static CommandResult Predict(string folder, params string[] arguments) =>
        Command.Run(Command.Binary, ["predict", "--format", "jsonl", .. arguments], folder);

    static void Touch(TemporaryFolder folder, params string[] names)
    {
        foreach (string name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
            File.WriteAllBytes(folder[name], TestImages.Bmp(name.Length));
        }
    }

    [Fact]
    public void A_folder_gives_its_images_in_natural_order_and_nothing_else()
    {
        using TemporaryFolder folder = new();
        Touch(folder, "x/i10.bmp", "x/i9.bmp", "x/I1.BMP", "x/.hidden.bmp", "x/._i9.bmp", "x/notes.txt", "x/sub/i2.bmp");
        CommandResult result = Predict(folder.Path, "x");
        Assert.Equal(["x/I1.BMP", "x/i9.bmp", "x/i10.bmp"], FilesOf(result));
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["x/I1.BMP", "x/i9.bmp", "x/i10.bmp", "x/sub/i2.bmp"], FilesOf(Predict(folder.Path, "x/", "-r")));
    }

    /// <summary>A picture that is not read is no less an input: nobody would notice that its row is missing.</summary>
    [Theory]
    [InlineData("x")]
    [InlineData("x.zip")]
    [InlineData("x.tar")]
    public void Pictures_of_formats_that_are_not_read_are_rows_with_the_command_that_converts_them(string input)
    {
        using TemporaryFolder folder = new();
        Touch(folder, "x/1.bmp", "x/notes.txt", "x/drawing.svg", "x/page.html");
        (string Name, string Start, string Command)[] refused = [
            ("2.pdf", "%PDF-1.7", "pdfimages -png"), ("3.webp", "RIFF\0\0\0\0WEBP", "dwebp"),
            ("4.heic", "\0\0\0\u0018ftypheic", "heif-convert"), ("5.avif", "\0\0\0\u0018ftypavif", "avifdec"),
            ("6.jxl", "\0\0\0\fJXL ", "djxl"), ("7.jp2", "\0\0\0\fjP  ", "opj_decompress"), ("8.exr", "v/1\u0001", "convert"),
            ("9.pbm", "P4\n1 1\n", "pnmtopng"), ("10.PAM", "P7\n", "pamtopng"), ("11.pfm", "Pf\n", "convert"),
        ];
        foreach ((string name, string start, _) in refused)
            File.WriteAllBytes(folder["x/" + name], Encoding.Latin1.GetBytes(start));
        if (input != "x")
            Pack(folder["x"], folder[input]);
        CommandResult result = Predict(folder.Path, input);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("3 other files left out: 1 .html, 1 .svg, 1 .txt", result.Error);
        Dictionary<string, JsonElement> rows = Rows(result).ToDictionary(r => r.GetProperty("file").GetString()![(input.Length + 1)..]);
        Assert.Equal([.. refused.Select(r => r.Name).Append("1.bmp").Order()], rows.Keys.Order());
        foreach ((string name, _, string command) in refused)
        {
            Assert.Equal("image_format_unsupported", rows[name].GetProperty("error_code").GetString());
            Assert.Contains(command + " ", rows[name].GetProperty("error").GetString());
        }
    }

    [Fact]
    public void Pages_and_pictures_behind_the_first_are_a_warning_in_the_row()
    {
        using TemporaryFolder folder = new();
        string images = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "images");
        string[] several = ["tiff/odd-two-pages.tiff", "pnm/raw-odd-further-pictures.pgm", "raster-forms/odd-two-frames.gif"];
        foreach (string name in several)
            File.Copy(Path.Combine(images, name), folder[Path.GetFileName(name)]);
        CommandResult result = Predict(folder.Path, ".");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(several.Length, Rows(result).Length);
        Assert.All(Rows(result), r => Assert.Contains("first", r.GetProperty("warnings").GetRawText()));
    }

    [Fact]
    public void Recursion_ends_where_a_link_leads_back()
    {
        using TemporaryFolder folder = new();
        Touch(folder, "x/a/i1.bmp", "x/a/b/i2.bmp");
        Directory.CreateSymbolicLink(folder["x/a/b/back"], folder["x"]);
        File.CreateSymbolicLink(folder["x/i3.bmp"], folder["x/a/i1.bmp"]);
        Assert.Equal(["x/a/b/i2.bmp", "x/a/i1.bmp", "x/i3.bmp"], FilesOf(Predict(folder.Path, "x", "--recursive")));
    }

    [Fact]
    public void An_empty_folder_is_an_error_not_a_silent_success()
    {
        using TemporaryFolder folder = new();
        CommandResult result = Predict(folder.Path, ".");
        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.Contains("no images", result.Error);
    }

    [Theory]
    [InlineData("good", "bad", "last.bmp")]
    [InlineData("good/*.bmp", "bad/*.bmp", "last.bmp")]
    public void A_folder_that_cannot_be_listed_is_a_row_and_the_run_goes_on(params string[] named)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "strace runs on Linux");
        using TemporaryFolder folder = new();
        Touch(folder, "good/i1.bmp", "bad/i2.bmp", "last.bmp");
        // The kernel refuses that one folder, as it does to a user without rights; root may list everything.
        string[] strace =
        [
            "-f", "-qq", "-o", "/dev/null", "-P", "bad", "-e", "trace=openat,open", "-e", "inject=openat,open:error=EACCES",
            Command.Binary,
        ];
        CommandResult result = Command.Run("strace", [.. strace, "predict", "--format", "jsonl", .. named], folder.Path);
        Assert.Equal(["good/i1.bmp", "bad", "last.bmp"], FilesOf(result));
        Assert.Equal("file_unreadable", Rows(result)[1].GetProperty("error_code").GetString());
        Assert.Equal(3, result.ExitCode);
    }

    [Fact]
    public void Patterns_are_expanded_and_one_without_a_match_is_a_row()
    {
        using TemporaryFolder folder = new();
        Touch(folder, "i2.bmp", "i10.bmp", "sub/i1.bmp", "odd[1].bmp");
        CommandResult result = Predict(folder.Path, "i*.bmp", "**/i1.bmp", "odd[1].bmp", "*.jpeg");
        Assert.Equal(["i2.bmp", "i10.bmp", "sub/i1.bmp", "odd[1].bmp", "*.jpeg"], FilesOf(result));
        Assert.Equal("file_not_found", Rows(result)[^1].GetProperty("error_code").GetString());
        Assert.Equal(3, result.ExitCode);
    }

    [Fact]
    public void A_list_names_one_path_a_line()
    {
        using TemporaryFolder folder = new();
        Touch(folder, "a b.bmp", "c*.bmp", "x/i1.bmp");
        File.WriteAllText(folder["list"], "\uFEFFa b.bmp\r\n\nc*.bmp\nx\nmissing.bmp");
        CommandResult result = Predict(folder.Path, "--from-list", "list");
        Assert.Equal(["a b.bmp", "c*.bmp", "x/i1.bmp", "missing.bmp"], FilesOf(result));
        Assert.Equal(3, result.ExitCode);
    }

    [Fact]
    public void A_list_on_standard_input_may_have_a_NUL_after_each_path()
    {
        using TemporaryFolder folder = new();
        Touch(folder, "a\nb.bmp", "c.bmp");
        CommandResult result = Command.Run(Command.Binary, ["predict", "--format", "jsonl", "--from-list", "-", "-0"], folder.Path,
            input: Encoding.UTF8.GetBytes("a\nb.bmp\0c.bmp\0"));
        Assert.Equal(["a\nb.bmp", "c.bmp"], FilesOf(result));
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public void A_list_from_a_named_pipe_that_is_written_slowly_gives_every_row()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs mkfifo");
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 40);
        string[] paths = [.. Enumerable.Range(1, 40).Select(i => $"in/image{i}.bmp")];
        string script = $"mkfifo list; (for i in $(seq 40); do echo in/image$i.bmp; sleep 0.02; done) >list & "
            + $"exec {Command.Binary} predict --from-list list -o rows.jsonl";
        CommandResult result = Command.Run("sh", ["-c", script], folder.Path);
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(
            paths, File.ReadLines(folder["rows.jsonl"]).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("file").GetString()!));
    }

    [Fact]
    public void A_list_is_opened_once_and_its_paths_are_counted_all_the_same()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "strace runs on Linux");
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 30);
        File.WriteAllLines(folder["list"], Directory.GetFiles(folder["in"]));
        string[] strace = ["-f", "-qq", "-o", "opens", "-P", "list", "-e", "trace=openat,open", Command.Binary];
        CommandResult result = Command.Run("strace", [.. strace, "predict", "--from-list", "list", "-o", "rows.csv"], folder.Path);
        Assert.Equal((0, 31), (result.ExitCode, File.ReadLines(folder["rows.csv"]).Count()));
        Assert.Single(File.ReadLines(folder["opens"]), l => l.Contains("/list\"", StringComparison.Ordinal));
    }

    [Fact]
    public void What_can_be_read_twice_is_counted_ahead_and_nothing_else_is()
    {
        using TemporaryFolder folder = new();
        Touch(folder, "x/i1.bmp", "x/i2.bmp", "y.bmp", "z.bmp");
        File.WriteAllLines(folder["list"], [folder["x"], folder["y.bmp"]]);
        InputList inputs = new([folder["[yz].bmp"], folder["none*"]], folder["list"]);
        Assert.Equal(6, inputs.Count());
        Assert.Equal(6, inputs.Enumerate(new LeftOut()).Count());
        Assert.Null(new InputList([folder["y.bmp"], "x.tar"]).Count());
        Assert.Null(new InputList([folder["y.bmp"]], "-").Count());
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(0, Command.Run("mkfifo", ["pipe", "pipe.zip"], folder.Path).ExitCode);
        Assert.Null(new InputList([folder["y.bmp"]], folder["pipe"]).Count());
        Assert.Null(new InputList([folder["y.bmp"], folder["pipe.zip"]]).Count());
    }

    [Theory]
    [InlineData("in")]
    [InlineData("in/*.png")]
    [InlineData("--from-list=list")]
    public void A_pipe_that_nobody_named_by_itself_is_a_row_and_the_run_goes_on(string argument)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs mkfifo");
        using TemporaryFolder folder = new();
        Touch(folder, "in/a.png", "in/z.png");
        Assert.Equal(0, Command.Run("mkfifo", ["in/pipe.png"], folder.Path).ExitCode);
        File.WriteAllText(folder["list"], "in/a.png\nin/pipe.png\nin/z.png\n");
        CommandResult result = Predict(folder.Path, argument);
        Assert.Equal(3, result.ExitCode);
        Assert.Equal(["in/a.png", "in/pipe.png", "in/z.png"], FilesOf(result));
        Assert.Equal("file_unreadable", Rows(result)[1].GetProperty("error_code").GetString());
        Assert.Contains("is a pipe", Rows(result)[1].GetProperty("error").GetString());
    }

    [Fact]
    public void A_list_of_many_paths_in_pieces_loses_none()
    {
        using TemporaryFolder folder = new();
        string[] paths = [.. Enumerable.Range(0, 3000).Select(i => new string('x', 40 + i % 200) + i)];
        CommandResult result = Command.Run(Command.Binary, ["predict", "--format", "jsonl", "--from-list", "-", "-q"], folder.Path,
            input: Encoding.UTF8.GetBytes(string.Join('\n', paths)));
        Assert.Equal(paths, FilesOf(result));
    }

    [Fact]
    public void A_list_that_is_not_there_or_is_no_list_ends_the_run()
    {
        using TemporaryFolder folder = new();
        CommandResult missing = Predict(folder.Path, "--from-list", "no-such-list");
        Assert.Equal(3, missing.ExitCode);
        Assert.Contains("no-such-list", missing.Error);
        File.WriteAllBytes(folder["zeros"], new byte[1 << 20]);
        CommandResult endless = Predict(folder.Path, "--from-list", "zeros");
        Assert.Equal(3, endless.ExitCode);
        Assert.Contains("-0", endless.Error);
    }

    [Theory]
    [InlineData("a.zip")]
    [InlineData("a.tar")]
    [InlineData("a.tar.gz")]
    [InlineData("a.tgz")]
    public void Members_of_an_archive_score_as_the_files_do(string archive)
    {
        using TemporaryFolder folder = new();
        Touch(folder, "in/i10.bmp", "in/i9.bmp", "in/sub/i1.bmp", "in/notes.txt", "in/__MACOSX/._i9.bmp");
        Pack(folder["in"], folder[archive]);
        CommandResult result = Predict(folder.Path, archive);
        Assert.True(result.ExitCode == 0, result.Error);
        string[] expected = [$"{archive}/i9.bmp", $"{archive}/i10.bmp", $"{archive}/sub/i1.bmp"];
        // A tar archive has an order of its own.
        Assert.Equal(expected.Order(), FilesOf(result).Order());
        if (archive.EndsWith("zip", StringComparison.Ordinal))
            Assert.Equal(expected, FilesOf(result));
        foreach (JsonElement row in Rows(result))
        {
            string file = Path.Combine("in", row.GetProperty("file").GetString()![(archive.Length + 1)..]);
            JsonElement alone = Rows(Predict(folder.Path, file)).Single();
            foreach (string field in (string[])["sha256", "width", "geographic_extent_raw", "opacity_raw"])
                Assert.Equal(alone.GetProperty(field).GetRawText(), row.GetProperty(field).GetRawText());
        }
        Assert.Equal(["a" + archive[1..], "in"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("a.zip")]
    [InlineData("a.tar")]
    [InlineData("a.tar.gz")]
    public void A_damaged_archive_is_a_row_and_the_run_goes_on(string archive)
    {
        using TemporaryFolder folder = new();
        Touch(folder, "in/i1.bmp", "in/i2.bmp", "last.bmp");
        Pack(folder["in"], folder[archive]);
        byte[] whole = File.ReadAllBytes(folder[archive]);
        byte[] text = Encoding.ASCII.GetBytes(new string('x', 3000));
        foreach (byte[] damaged in (byte[][])[whole[..(whole.Length / 2)], whole[..20], new byte[700], text])
        {
            File.WriteAllBytes(folder[archive], damaged);
            CommandResult result = Predict(folder.Path, archive, "last.bmp");
            JsonElement[] rows = Rows(result);
            Assert.Equal("last.bmp", rows[^1].GetProperty("file").GetString());
            Assert.True(rows[^1].TryGetProperty("opacity", out _));
            // 700 zeros are the end of a tar archive: an empty one.
            if (damaged.Length == 700 && archive == "a.tar")
                continue;
            Assert.Equal(3, result.ExitCode);
            Assert.Contains(rows, r => r.TryGetProperty("error_code", out JsonElement code) && code.GetString() == "file_unreadable");
        }
        CommandResult missing = Predict(folder.Path, "none" + archive, "last.bmp");
        Assert.Equal("file_not_found", Rows(missing)[0].GetProperty("error_code").GetString());
    }

    [Fact]
    public void A_zip_member_whose_checksum_differs_is_refused_and_its_neighbors_are_scored()
    {
        using TemporaryFolder folder = new();
        byte[] stored = PackStored(TestImages.Bmp(1), TestImages.Bmp(2));
        stored[200] ^= 1; // in the first picture
        File.WriteAllBytes(folder["a.zip"], stored);
        JsonElement[] rows = Rows(Predict(folder.Path, "a.zip"));
        Assert.Contains("checksum", rows[0].GetProperty("error").GetString());
        Assert.True(rows[1].TryGetProperty("opacity", out _));
    }

    [Fact]
    public void An_encrypted_member_is_named_as_such()
    {
        using TemporaryFolder folder = new();
        byte[] zip = PackStored(TestImages.Bmp(1), TestImages.Bmp(2));
        // Bit 0 of the general purpose flags, in the local header and in the first central one.
        int central = zip.AsSpan().IndexOf("PK\u0001\u0002"u8);
        zip[6] |= 1;
        zip[central + 8] |= 1;
        File.WriteAllBytes(folder["a.zip"], zip);
        JsonElement[] rows = Rows(Predict(folder.Path, "a.zip"));
        Assert.Contains("encrypted", rows[0].GetProperty("error").GetString());
        Assert.True(rows[1].TryGetProperty("opacity", out _));
    }

    [Theory]
    [InlineData("a.zip")]
    [InlineData("a.tar.gz")]
    public void A_member_that_swells_beyond_the_limit_is_refused_without_the_memory(string archive)
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["in"]);
        using (FileStream bomb = File.Create(folder["in/bomb.png"]))
            bomb.SetLength(300L << 20);
        Pack(folder["in"], folder[archive]);
        Assert.True(new FileInfo(folder[archive]).Length < 16 << 20);
        CommandResult result = Predict(folder.Path, archive);
        Assert.Equal("file_too_large", Rows(result).Single().GetProperty("error_code").GetString());
        if (OperatingSystem.IsLinux())
            Assert.InRange(Command.PeakMemory(Command.Binary, ["predict", folder[archive]], exitCode: 3), 1, 1L << 30);
    }

    static void Pack(string folder, string archive)
    {
        if (archive.EndsWith(".zip", StringComparison.Ordinal))
        {
            ZipFile.CreateFromDirectory(folder, archive);
            return;
        }
        using Stream file = File.Create(archive);
        using Stream packed = archive.EndsWith(".tar", StringComparison.Ordinal) ? file : new GZipStream(file, CompressionLevel.Fastest);
        TarFile.CreateFromDirectory(folder, packed, includeBaseDirectory: false);
    }

    static byte[] PackStored(params byte[][] images)
    {
        using MemoryStream zip = new();
        using (ZipArchive archive = new(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (int i = 0; i < images.Length; i++)
            {
                using Stream entry = archive.CreateEntry($"i{i}.bmp", CompressionLevel.NoCompression).Open();
                entry.Write(images[i]);
            }
        }
        return zip.ToArray();
    }
}
