using System.IO.Compression;
using SeverityEngine.Tests;

namespace SeverityEngine.Batch.Tests.Inputs;

/// <summary>What would be scored, what not, and why.</summary>
public class ListingTests
{
    [Fact]
    public void A_listing_names_every_file_with_its_reason_and_scores_nothing()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 2);
        Directory.CreateDirectory(folder["in/below"]);
        File.WriteAllText(folder["in/notes.txt"], "text");
        File.WriteAllText(folder["in/IM0001"], "not DICOM");
        File.WriteAllText(folder["in/page.png"], "<html>");
        File.WriteAllText(folder["in/none.jpg"], "");
        using (ZipArchive zip = ZipFile.Open(folder["in/more.zip"], ZipArchiveMode.Create))
        {
            zip.CreateEntryFromFile(folder["in/image1.bmp"], "a/image.bmp");
            zip.CreateEntryFromFile(folder["in/notes.txt"], "a/notes.txt");
        }

        CommandResult result = Command.Run(Command.Binary,
            ["predict", "in", "in/more.zip", "gone.png", "--list", "-o", "rows.csv", "--saliency", "maps/"], folder.Path);

        Assert.Equal(0, result.ExitCode);
        string[] expected = [
            "left out  in/IM0001: without an extension, and not DICOM",
            "left out  in/below: a folder below; --recursive enters it",
            "score     in/image1.bmp: BMP",
            "score     in/image2.bmp: BMP",
            "left out  in/more.zip: an archive; name it itself to score what is in it",
            "error     in/none.jpg: the file is empty; copy or export it again",
            "left out  in/notes.txt: .txt is no image's extension",
            "error     in/page.png: a web page or other markup, ...",
            "score     in/more.zip/a/image.bmp: BMP",
            "left out  in/more.zip/a/notes.txt: .txt is no image's extension",
            "error     gone.png: no such file; check the path",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), result.Lines
            .Select(line => line.Contains("page.png", StringComparison.Ordinal) ? $"{line[..line.IndexOf(',')]}, ..." : line)
            .Order(StringComparer.Ordinal));
        Assert.Equal(
            "severity: 3 images would be scored, 3 would be errors, 4 files and 1 folder left out; nothing was scored\n", result.Error);
        Assert.Equal(["in"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_listing_agrees_with_the_run()
    {
        using TemporaryFolder folder = new();
        TestImages.Fill(folder["in"], 3);
        File.WriteAllText(folder["in/page.png"], "<html>");
        File.WriteAllBytes(folder["in/large.gif"], new byte[5000]);
        string[] arguments = ["predict", "in", "--max-file-size", "4K", "--relative-to", "in"];
        string[] listed = [.. Command.Run(Command.Binary, [.. arguments, "--list"], folder.Path).Lines
            .Where(line => !line.StartsWith("left out", StringComparison.Ordinal)).Select(line => line[10..line.IndexOf(": ")])];
        string[] scored = [.. Command.Run(Command.Binary, [.. arguments, "--format", "tsv"], folder.Path).Lines
            .Skip(1).Select(line => line.Split('\t')[0])];
        Assert.Equal(scored, listed);
        Assert.Equal(5, listed.Length);
    }

    [Fact]
    public void Nothing_to_score_is_an_error_of_a_listing_too()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["notes.txt"], "text");
        CommandResult result = Command.Run(Command.Binary, ["predict", ".", "--list"], folder.Path);
        Assert.Equal((3, "left out  ./notes.txt: .txt is no image's extension\n"), (result.ExitCode, result.Output));
        Assert.StartsWith("severity: error: there are no images in what was named; 1 other file left out", result.Error);
    }
}
