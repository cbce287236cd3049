using System.Text;
using System.Text.Json;
using SeverityEngine.Batch.Rows;
using SeverityEngine.Batch.Tests.Inputs;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Rows;

/// <summary>Maps stand below their folder as their images stand below theirs.</summary>
public sealed class MirroredMapTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Maps_stand_as_their_images_do_and_two_of_one_place_are_numbered()
    {
        foreach (string name in (string[])["one/p1/s1/view.bmp", "one/p1/s2/view.bmp", "one/view.bmp", "two/p1/s1/view.bmp"])
            Put(name);
        CommandResult result = Run(
            "predict", "one", "two", "-r", "--saliency", "maps", "--saliency-panel", "maps", "--saliency-raw", "maps", "-q");
        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(["p1/s1/view", "p1/s1/view-2", "p1/s2/view", "view"], Stems(".saliency.png"));
        Assert.Equal(Stems(".saliency.png"), Stems(".panel.png"));
        Assert.Equal(Stems(".saliency.png"), Stems(".saliency.npy"));
    }

    [Fact]
    public void A_folder_that_is_not_entered_and_files_that_are_named_have_their_maps_at_the_top()
    {
        Put("in/a.bmp");
        Put("in/sub/b.bmp");
        File.WriteAllText(_folder["list.txt"], "in/sub/b.bmp\n");
        Assert.Equal(0, Run("predict", "in", "in/[s]ub/*.bmp", "--from-list", "list.txt", "--saliency", "maps", "-q").ExitCode);
        // One file that is named twice has one map.
        Assert.Equal(["a", "b"], Stems(".saliency.png"));
    }

    [Theory]
    [InlineData("rows.csv")]
    [InlineData("rows.jsonl")]
    public void A_run_that_is_resumed_gives_each_image_its_place_again(string rows)
    {
        string[] names = ["in/a/view.bmp", "in/b/view.bmp", "in/b/c/view.bmp"];
        foreach (string name in names)
            Put(name);
        string[] command = ["predict", "in", "-r", "--saliency-panel", "maps", "-o", rows, "--resume", "-q", "--relative-to", "in"];
        Assert.Equal(0, Run(command).ExitCode);
        string[] all = File.ReadAllLines(_folder[rows]);
        Assert.Equal(["a/view", "b/c/view", "b/view"], Stems(".panel.png"));
        // Two rows are lost, one image is new, and one has another content.
        File.WriteAllLines(_folder[rows], all.Where((line, i) => !line.Contains("b/view", StringComparison.Ordinal)));
        Put("in/a/again/view.bmp");
        File.WriteAllBytes(_folder["in/a/view.bmp"], TestImages.Bmp(991));
        byte[] before = File.ReadAllBytes(_folder["maps/a/view.panel.png"]);
        Assert.Equal(0, Run(command).ExitCode);
        Assert.Equal(["a/again/view", "a/view", "b/c/view", "b/view"], Stems(".panel.png"));
        Assert.NotEqual(before, File.ReadAllBytes(_folder["maps/a/view.panel.png"]));
    }

    [Fact]
    public void Maps_that_an_earlier_run_put_elsewhere_stay_their_rows()
    {
        Put("in/a/view.bmp");
        Put("in/view.bmp");
        string[] command = ["predict", "in", "-r", "--saliency", "maps", "-o", "rows.jsonl", "--resume", "-q"];
        Assert.Equal(0, Run(command).ExitCode);
        // As if the first row named the second image's place.
        string[] rows = [.. File.ReadAllLines(_folder["rows.jsonl"]).Where(r => r.Contains("a/view", StringComparison.Ordinal))];
        File.Move(_folder["maps/a/view.saliency.png"], _folder["maps/view.saliency.png"], overwrite: true);
        byte[] kept = File.ReadAllBytes(_folder["maps/view.saliency.png"]);
        File.WriteAllLines(_folder["rows.jsonl"],
            rows.Select(r => r.Replace("maps/a/view.saliency.png", "maps/view.saliency.png", StringComparison.Ordinal)));
        Assert.Equal(0, Run(command).ExitCode);
        Assert.Equal(["view", "view-2"], Stems(".saliency.png"));
        Assert.Equal(kept, File.ReadAllBytes(_folder["maps/view.saliency.png"]));
    }

    [Theory]
    [InlineData("bad.zip")]
    [InlineData("bad.tar")]
    public void What_members_are_called_leads_nowhere_but_down(string archive)
    {
        string[] names =
        [
            "../../up/a.bmp", "/etc/b.bmp", "x/../../../c.bmp", "./y/./d.bmp", "z//e.bmp", "..", "../f.bmp",
            new string('d', 200) + "/g.bmp", string.Concat(Enumerable.Repeat("n/", 40)) + "h.bmp",
        ];
        File.WriteAllBytes(_folder[archive], archive == "bad.zip" ? Zip(names) : Tar(names));
        Directory.CreateDirectory(_folder["deep/er"]);
        CommandResult result = Run("predict", archive, "--saliency", "deep/er/maps", "--format", "jsonl");
        Assert.True(result.ExitCode is 0 or 3, result.Error);
        string maps = _folder["deep/er/maps"] + Path.DirectorySeparatorChar;
        string[] pictures = [.. Directory.GetFiles(_folder.Path, "*.saliency.png", SearchOption.AllDirectories)];
        Assert.All(pictures, path => Assert.StartsWith(maps, path, StringComparison.Ordinal));
        Assert.Equal(
            [
                new string('d', 200) + "/g", "etc/b", "f", string.Concat(Enumerable.Repeat("n/", 40)) + "h", "up/a", "x/c", "y/d", "z/e",
            ],
            Stems(".saliency.png", "deep/er/maps"));
        // Each row names the file that is there.
        foreach (JsonElement row in result.Lines.Select(line => JsonDocument.Parse(line).RootElement))
        {
            if (row.TryGetProperty("saliency", out JsonElement saliency))
                Assert.True(File.Exists(_folder[saliency.GetProperty("picture").GetString()!]));
        }
    }

    [Fact]
    public void Names_that_no_file_can_have_cost_their_own_rows_alone()
    {
        string[] names =
            ["nul\0in/name\0.bmp", string.Concat(Enumerable.Repeat("deep/", 3000)) + "a.bmp", new string('l', 300) + "/b.bmp", "ok.bmp"];
        File.WriteAllBytes(_folder["odd.zip"], Zip(names));
        CommandResult result = Run("predict", "odd.zip", "--saliency", "maps", "--format", "jsonl");
        Assert.Equal(3, result.ExitCode);
        Assert.Equal(4, result.Lines.Length);
        Assert.Contains("ok", Stems(".saliency.png"));
        Assert.Contains("nul_in/name_", Stems(".saliency.png"));
        // Of 3000 folders the first 64 are made.
        Assert.Contains(string.Concat(Enumerable.Repeat("deep/", 64)) + "a", Stems(".saliency.png"));
        Assert.Contains("cannot be made", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_is_not_gone_through_and_a_file_is_no_folder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege");
        Put("in/linked/a.bmp");
        Put("in/taken/b.bmp");
        Put("in/c.bmp");
        Put("in/c.saliency.png/d.bmp");
        Directory.CreateDirectory(_folder["elsewhere"]);
        Directory.CreateDirectory(_folder["maps"]);
        Directory.CreateSymbolicLink(_folder["maps/linked"], _folder["elsewhere"]);
        File.WriteAllText(_folder["maps/taken"], "somebody's");
        string[] command = ["predict", "in", "-r", "--saliency", "maps", "-o", "rows.csv", "--resume", "-q"];
        Assert.Equal(0, Run(command).ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(_folder["elsewhere"]));
        Assert.Equal("somebody's", File.ReadAllText(_folder["maps/taken"]));
        Assert.Equal(["c", "c.saliency.png-2/d", "linked-2/a", "taken-2/b"], Stems(".saliency.png"));
        // A row that names a file beyond the link does not lead there either.
        string[] rows = File.ReadAllLines(_folder["rows.csv"]);
        File.WriteAllLines(_folder["rows.csv"], rows.Select(r => r.Replace("linked-2", "linked", StringComparison.Ordinal)));
        File.WriteAllBytes(_folder["in/linked/a.bmp"], TestImages.Bmp(77));
        Assert.Equal(0, Run(command).ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(_folder["elsewhere"]));
    }

    [Fact]
    public void A_map_folder_that_is_itself_a_link_is_meant()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege");
        Put("in/p/a.bmp");
        Directory.CreateDirectory(_folder["real"]);
        Directory.CreateSymbolicLink(_folder["maps"], _folder["real"]);
        Assert.Equal(0, Run("predict", "in", "-r", "--saliency", "maps/", "-q").ExitCode);
        Assert.True(File.Exists(_folder["real/p/a.saliency.png"]));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("/a/b/", "a/b")]
    [InlineData("../..", "")]
    [InlineData("a/../b", "a/b")]
    [InlineData(". /..a/...", ". /..a/...")]
    public void Ways_go_down(string below, string way)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there names lose dots and spaces at their ends");
        MirroredFolders folders = new(_folder.Path, _ => false);
        Assert.Equal(way, folders.WayFor(below));
        Assert.Equal(way, folders.WayFor(below));
    }

    static byte[] Zip(string[] names)
    {
        ZipBuilder zip = new();
        for (int i = 0; i < names.Length; i++)
            zip.Add(Encoding.UTF8.GetBytes(names[i]), TestImages.Bmp(i), flags: 0x800);
        return zip.ToArray();
    }

    static byte[] Tar(string[] names)
    {
        TarBuilder tar = new();
        for (int i = 0; i < names.Length; i++)
            tar.Pax(("path", names[i])).Add("cut", TestImages.Bmp(i));
        return tar.End().ToArray();
    }

    void Put(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllBytes(_folder[name], TestImages.Bmp(name.Length));
    }

    CommandResult Run(params string[] arguments) => Command.Run(Command.Binary, arguments, _folder.Path);

    /// <summary>The files of a kind below the maps' folder, without what they end in, in order.</summary>
    string[] Stems(string suffix, string maps = "maps") => [.. Directory.GetFiles(_folder[maps], "*" + suffix, SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(_folder[maps], path)[..^suffix.Length].Replace('\\', '/')).Order(StringComparer.Ordinal)];
}
