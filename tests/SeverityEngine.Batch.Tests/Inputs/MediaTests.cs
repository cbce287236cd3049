using System.Text.Json;
using SeverityEngine.Batch.Inputs;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Inputs;

/// <summary>DICOM media and exports of archives as they are: files without extensions, a DICOMDIR, a viewer and its texts.</summary>
public sealed class MediaTests : IDisposable
{
    const string Explicit = "1.2.840.10008.1.2.1";

    /// <summary>The images of the medium, in the order of a folder.</summary>
    static readonly string[] s_images =
    [
        "DICOM/S0001/I0001", "DICOM/S0001/I0002", "DICOM/S0002/I0001", "IM.0001", "scan.dcm", "uids/1.2.840.113619.2.5.17",
        "uids/1.2.840.113619.2.5.18",
    ];

    readonly TemporaryFolder _folder = new();

    public MediaTests()
    {
        for (int i = 0; i < s_images.Length; i++)
            Write("cd/" + s_images[i], Image(i));
        Write("cd/DICOMDIR", Directory());
        string[] others = ["README.TXT", "VIEWER/HELP.txt", "AUTORUN.INF", "VIEWER/VIEWER.EXE", "VIEWER/LICENSE", ".hidden"];
        foreach (string other in others)
            Write("cd/" + other, "Insert the medium and run the viewer."u8.ToArray());
        Write("cd/EMPTY", []);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A radiograph of noise.</summary>
    static byte[] Image(int seed)
    {
        Random random = new(seed);
        ushort[] pixels = [.. Enumerable.Range(0, 64 * 64).Select(_ => (ushort)random.Next(4096))];
        return new DicomWriter().Picture(64, 64).Pixels(pixels).File(Explicit);
    }

    /// <summary>The list of a medium's files (PS3.3, F.3): its data set names no SOP class, its meta header does.</summary>
    static byte[] Directory()
    {
        byte[] meta = new DicomWriter().Bytes(0x0002_0001, "OB", [0, 1]).Text(0x0002_0002, "UI", "1.2.840.10008.1.3.10")
            .Text(0x0002_0010, "UI", Explicit + "\0").DataSet();
        byte[] data = new DicomWriter().Text(0x0004_1130, "CS", "MEDIUM").Bytes(0x0004_1220, "SQ", []).DataSet();
        return [.. new byte[128], .. "DICM"u8, .. meta, .. data];
    }

    static JsonElement[] Rows(CommandResult result) => [.. result.Lines.Select(l => JsonDocument.Parse(l).RootElement)];

    static string[] FilesOf(CommandResult result) => [.. Rows(result).Select(r => r.GetProperty("file").GetString()!)];

    /// <summary>What must be the same wherever an image stands.</summary>
    static string[] Stable(IEnumerable<JsonElement> rows, string root) => [.. rows.Select(r => string.Join('|',
        r.GetProperty("file").GetString()![root.Length..].TrimStart('/'), r.GetProperty("sha256"), r.GetProperty("geographic_extent_raw"),
        r.GetProperty("opacity_raw"))).Order(StringComparer.Ordinal)];

    void Write(string name, byte[] content)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllBytes(_folder[name], content);
    }

    /// <summary>What was said besides that the pictures, which are ramps, are no X-rays.</summary>
    static string Said(CommandResult result) => string.Concat(result.Error.Split('\n')
        .Where(l => l.Length > 0 && !l.Contains("does not look like a frontal chest X-ray", StringComparison.Ordinal))
        .Select(l => l + "\n"));

    CommandResult Predict(params string[] arguments) =>
        Command.Run(Command.Binary, ["predict", "--format", "jsonl", .. arguments], _folder.Path);

    [Fact]
    public void A_medium_gives_its_images_and_says_what_else_is_there()
    {
        CommandResult result = Predict("cd", "--recursive");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(s_images.Select(i => "cd/" + i), FilesOf(result));
        Assert.Equal("severity: 7 other files left out: 2 .txt, 1 .exe, 1 .inf, 1 DICOMDIR (cd/DICOMDIR), 1 empty (cd/EMPTY), "
            + "1 without an extension (cd/VIEWER/LICENSE); name a file itself to score it\n", Said(result));
        Assert.Equal("", Predict("cd", "--recursive", "--quiet").Error);

        CommandResult top = Predict("cd");
        Assert.Equal(["cd/IM.0001", "cd/scan.dcm"], FilesOf(top));
        Assert.Contains("severity: 3 folders below were not entered; --recursive enters them\n", top.Error);
    }

    [Theory]
    [InlineData("cd.zip", "cd cd && python3 -m zipfile -c ../cd.zip *")]
    [InlineData("cd.tar", "tar -C cd -cf cd.tar .")]
    [InlineData("cd.tar.gz", "cd cd && tar --format=pax -czf ../cd.tar.gz *")]
    [InlineData("pipe.tgz", "mkfifo pipe.tgz; (tar -C cd -czf - . > pipe.tgz) > /dev/null 2>&1 &")]
    public void An_archive_of_it_gives_the_same_rows(string archive, string pack)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs GNU tar and Python");
        Assert.Equal(0, Command.Run("bash", ["-c", pack], _folder.Path).ExitCode);
        CommandResult result = Predict(archive);
        Assert.True(result.ExitCode == 0, result.Error);
        string[] expected = Stable(Rows(Predict("cd", "-r")), "cd");
        Assert.Equal(s_images.Length, expected.Length);
        Assert.Equal(expected, Stable(Rows(result), archive));
        Assert.Contains($"7 other files left out: 2 .txt, 1 .exe, 1 .inf, 1 DICOMDIR ({archive}/DICOMDIR), 1 empty ({archive}/EMPTY), "
            + $"1 without an extension ({archive}/VIEWER/LICENSE)", Said(result));
    }

    [Fact]
    public void A_DICOMDIR_that_is_named_is_refused_and_one_that_a_pattern_matches_is_left_out()
    {
        File.WriteAllText(_folder["list"], "cd/DICOMDIR\n");
        CommandResult named = Predict("cd/DICOMDIR", "--from-list", "list");
        Assert.Equal(3, named.ExitCode);
        Assert.Equal(["cd/DICOMDIR", "cd/DICOMDIR"], FilesOf(named));
        Assert.All(Rows(named), row =>
        {
            Assert.Equal("image_format_unsupported", row.GetProperty("error_code").GetString());
            Assert.Contains("a DICOMDIR, the list of a medium's files", row.GetProperty("error").GetString());
        });
        // A pattern chooses by names: what it matches and is no image is a row.
        CommandResult matched = Predict("cd/[DIR]*");
        Assert.Equal(["cd/IM.0001", "cd/README.TXT"], FilesOf(matched));
        Assert.Contains("1 other file left out: 1 DICOMDIR (cd/DICOMDIR)", matched.Error);
    }

    [Fact]
    public void What_cannot_be_looked_into_is_a_row_and_a_pipe_is_not_opened()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "strace runs on Linux");
        Assert.Equal(0, Command.Run("mkfifo", ["cd/PIPE"], _folder.Path).ExitCode);
        File.CreateSymbolicLink(_folder["cd/I9999"], "gone");
        string[] strace =
        [
            "-f", "-qq", "-o", "opens", "-e", "trace=openat,open", "-e", "inject=openat,open:error=EACCES", "-P", "cd/IM.0001",
            Command.Binary, "predict", "--format", "jsonl", "cd",
        ];
        CommandResult result = Command.Run("strace", strace, _folder.Path);
        Assert.Equal(3, result.ExitCode);
        Assert.Equal([("cd/I9999", "file_not_found"), ("cd/IM.0001", "file_unreadable"), ("cd/scan.dcm", null)],
            Rows(result).Select(r => (r.GetProperty("file").GetString()!,
                r.TryGetProperty("error_code", out JsonElement code) ? code.GetString() : null)));
        Assert.Contains("1 pipe, socket or device (cd/PIPE)", Said(result));
        Assert.Contains("IM.0001", File.ReadAllText(_folder["opens"]));
    }

    [Fact]
    public void A_folder_without_an_image_is_an_error_that_says_what_is_there()
    {
        CommandResult result = Predict("cd/VIEWER", "--quiet");
        Assert.Equal((3, ""), (result.ExitCode, result.Output));
        Assert.Contains("there are no images in what was named; 3 other files left out: 1 .exe, 1 .txt, "
            + "1 without an extension (cd/VIEWER/LICENSE)", result.Error);
        CommandResult above = Predict("cd/DICOM");
        Assert.Equal(3, above.ExitCode);
        Assert.Contains("2 folders below were not entered; --recursive enters them", above.Error);
        CommandResult bench = Command.Run(Command.Binary, ["bench", "cd/VIEWER"], _folder.Path);
        Assert.Equal(3, bench.ExitCode);
        Assert.Contains("3 other files left out", bench.Error);
    }

    [Fact]
    public void No_name_can_steer_the_terminal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows allows no such names");
        Write("odd/a.bmp", TestImages.Bmp(1));
        Write("odd/b.\u001B[2J", []);
        CommandResult result = Predict("odd");
        Assert.Contains(@"1 with another extension (odd/b.\x1B[2J)", result.Error);
        Assert.DoesNotContain('\u001B', result.Error);
    }

    [Theory]
    [InlineData("cd")]
    [InlineData("cd.zip")]
    public void Resume_scores_what_is_missing_and_no_more(string input)
    {
        if (input == "cd.zip")
            System.IO.Compression.ZipFile.CreateFromDirectory(_folder["cd"], _folder["cd.zip"]);
        string[] arguments = ["predict", input, "-r", "-o", "rows.jsonl", "--resume"];
        Assert.Equal(0, Command.Run(Command.Binary, arguments, _folder.Path).ExitCode);
        string[] rows = File.ReadAllLines(_folder["rows.jsonl"]);
        Assert.Equal(s_images.Length, rows.Length);
        File.WriteAllLines(_folder["rows.jsonl"], rows[2..5]);
        CommandResult again = Command.Run(Command.Binary, arguments, _folder.Path);
        Assert.Equal(0, again.ExitCode);
        Assert.Contains($"{s_images.Length} images in", again.Error);
        Assert.Contains("3 already scored", again.Error);
        Assert.Contains("7 other files left out", again.Error);
        string[] completed = File.ReadAllLines(_folder["rows.jsonl"]);
        Assert.Equal(rows[2..5], completed[..3]);
        Assert.Equal(Stable(rows.Select(r => JsonDocument.Parse(r).RootElement), input),
            Stable(completed.Select(r => JsonDocument.Parse(r).RootElement), input));
    }

    [Fact]
    public void Maps_of_names_made_of_digits_keep_the_whole_name()
    {
        CommandResult result = Predict("cd/uids", "cd/IM.0001", "cd/DICOM/S0001", "cd/scan.dcm", "--saliency", "maps");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["1.2.840.113619.2.5.17", "1.2.840.113619.2.5.18", "I0001", "I0002", "IM.0001", "scan"],
            System.IO.Directory.GetFiles(_folder["maps"]).Select(f => Path.GetFileName(f).Replace(".saliency.png", ""))
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Inputs_are_counted_as_they_are_found()
    {
        System.IO.Compression.ZipFile.CreateFromDirectory(_folder["cd"], _folder["cd.zip"]);
        InputList inputs = new([_folder["cd"], _folder["cd.zip"], _folder["cd/[DIR]*"]], Recursive: true);
        // A pattern's match of a folder is that folder: DICOM, IM.0001 and README.TXT.
        Assert.Equal(2 * s_images.Length + 5, inputs.Count());
        Assert.Equal(2 * s_images.Length + 5, inputs.Enumerate(new LeftOut()).Count());
    }

    [Fact]
    public void Of_a_zip_what_cannot_be_looked_into_is_a_row_and_links_are_counted()
    {
        byte[] image = Image(1), text = "text"u8.ToArray();
        byte[] damaged = new ZipBuilder().Add("I1", image).ToArray();
        damaged[200] ^= 0x55;
        ZipBuilder zip = new ZipBuilder().Add("I1", image).Add("I1", image).Add("locked", text, flags: 1).Add("packed", text, method: 14)
            .Add("notes", text).Add("notes", text).Add("sub/", []).Add("locked.txt", text, flags: 1);
        Assert.Equal([("I1", ""), ("I1", "twice"), ("locked", "encrypted"), ("packed", "LZMA")],
            Named(ArchiveRow.Of("a.zip", zip.ToArray()), "twice", "encrypted", "LZMA"));
        Assert.Equal([("I1", "damaged")], Named(ArchiveRow.Of("a.zip", damaged), "damaged"));

        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs zip or Python");
        LeftOut leftOut = new();
        string make = "import zipfile; z = zipfile.ZipFile('l.zip', 'w'); i = zipfile.ZipInfo('link'); i.create_system = 3; "
            + "i.external_attr = 0o120777 << 16; z.writestr(i, 'DICOM/S0001/I0001'); z.close()";
        Assert.Equal(0, Command.Run("python3", ["-c", make], _folder.Path).ExitCode);
        Assert.Empty(new InputList([_folder["l.zip"]]).Enumerate(leftOut));
        Assert.Contains($"1 linked in an archive ({_folder["l.zip"]}/link)", Assert.Single(leftOut.Lines()));
    }

    [Theory]
    [InlineData("a.tar")]
    [InlineData("a.tgz")]
    public void Of_a_tar_links_lead_to_what_was_seen(string name)
    {
        byte[] image = Image(1), picture = TestImages.Bmp(2), text = "text"u8.ToArray();
        byte[] tar = new TarBuilder().Add("I1", image).Add("notes", text).Add("x.bmp", picture).Add("scan.dcm", image)
            .Add("hard", [], '1', "I1").Add("soft", [], '2', "scan.dcm").Add("of-notes", [], '1', "notes")
            .Add("of-picture", [], '2', "x.bmp").Add("again", [], '2', "soft").Add("nowhere", [], '2', "../out")
            .Add("pipe", [], '6').Add("sub/", [], '5').Add("sub", [], '5')
            .Add("list", Directory()).Add("of-list", [], '1', "list").End().ToArray();
        File.WriteAllBytes(_folder[name], name == "a.tgz" ? TarBuilder.Gzip(tar) : tar);
        List<ArchiveRow> rows = ArchiveRow.Of(_folder[name]);
        Assert.Equal([("I1", ""), ("x.bmp", ""), ("scan.dcm", ""), ("hard", ""), ("soft", ""), ("again", "")], Named(rows));
        Assert.Equal([image, picture, image, image, image, image], rows.Select(r => r.Content));
        LeftOut leftOut = new();
        Assert.Equal(6, new InputList([_folder[name]]).Enumerate(leftOut).Count());
        string line = Assert.Single(leftOut.Lines());
        Assert.StartsWith("7 other files left out: 3 without an extension", line);
        Assert.Contains("2 DICOMDIR", line);
        Assert.Contains("1 linked in an archive", line);
        Assert.Contains("1 pipe, socket or device", line);
    }

    [Fact]
    public void A_tar_that_ends_in_a_member_without_an_extension_has_its_row_and_the_archive_too()
    {
        byte[] tar = new TarBuilder().Add("I1", Image(1)).ToArray();
        foreach (int length in (int[])[512 + 100, 512 + 5000])
        {
            List<ArchiveRow> rows = ArchiveRow.Of("a.tar", tar[..length]);
            Assert.Equal(["a.tar/I1", "a.tar"], rows.Select(r => r.Name));
            Assert.All(rows, row => Assert.Contains("cut short", row.Fault));
        }
    }

    [Fact]
    public void Kinds_are_few_however_many_extensions_there_are()
    {
        LeftOut leftOut = new();
        for (int i = 0; i < 5000; i++)
            leftOut.Add($"x.e{i}");
        leftOut.Add("Report of the day. Second version");
        leftOut.Add("IM.0001");
        for (int i = 0; i < 9000; i++)
            leftOut.Add($"X{i}.TXT");
        string line = Assert.Single(leftOut.Lines());
        // 200 extensions are told apart, each of one file here; of the rest there are 4,800, the sentence and 9,000.
        Assert.StartsWith("14002 other files left out: 13801 with another extension (x.e200, ...), 1 .e0, 1 .e1, ", line);
        Assert.EndsWith(", and 196 more; name a file itself to score it", line);
    }

    /// <summary>The names of rows in an archive, each with the word that its fault has.</summary>
    static (string, string)[] Named(List<ArchiveRow> rows, params string[] words) => [.. rows.Select(row =>
        (row.Name[(row.Name.IndexOf('/') + 1)..],
            row.Fault.Length == 0 ? "" : words.FirstOrDefault(w => row.Fault.Contains(w, StringComparison.Ordinal)) ?? row.Fault))];
}
