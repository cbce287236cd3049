using System.Globalization;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.PublicApi.Tests;

/// <summary>What <c>.editorconfig</c> asks of source files, and neither the compiler nor <c>dotnet format</c> looks at.</summary>
public class SourceTests
{
    [Fact]
    public void No_line_is_longer_than_the_editorconfig_allows()
    {
        const string Key = "max_line_length = ";
        string setting = File.ReadLines(Path.Combine(TestData.RepositoryRoot, ".editorconfig"))
            .Single(l => l.StartsWith(Key, StringComparison.Ordinal));
        int longest = int.Parse(setting.AsSpan(Key.Length), CultureInfo.InvariantCulture);

        string[] files = [.. SourceFiles()];
        string[] tooLong = [.. files.SelectMany(path => File.ReadLines(path).Index()
            .Where(line => line.Item.Length > longest)
            .Select(line => $"{Path.GetRelativePath(TestData.RepositoryRoot, path)}:{line.Index + 1}"))];
        Assert.True(tooLong.Length == 0, $"longer than {longest}:\n{string.Join('\n', tooLong)}");
        Assert.Contains(files, path => Path.GetFileName(path) == $"{nameof(SourceTests)}.cs");
    }

    [Fact]
    public void No_two_types_of_the_sources_share_a_name()
    {
        Regex declaration = new(@"^(?:(?:public|internal|file|static|sealed|abstract|readonly|ref|unsafe|partial) )*"
            + @"(?:class|struct|record(?: class| struct)?|interface|enum) (?<name>\w+)", RegexOptions.Multiline);
        ILookup<string, string> homes = SourceFiles()
            .Where(path => Path.GetRelativePath(TestData.RepositoryRoot, path).StartsWith("src", StringComparison.Ordinal))
            .SelectMany(path => declaration.Matches(File.ReadAllText(path)).Select(type => (
                Name: type.Groups["name"].Value,
                Home: Path.GetRelativePath(TestData.RepositoryRoot, Path.GetDirectoryName(path)!))))
            .ToLookup(type => type.Name, type => type.Home);
        Assert.True(homes.Contains(nameof(SeverityPredictor)));

        // The parts of a partial type stand in one folder.
        Assert.Equal([], homes.Where(type => type.Distinct().Count() > 1).Select(type => $"{type.Key}: {string.Join(", ", type)}"));
    }

    /// <summary>
    /// Messages are written for people, and what .NET calls its types and says in its exceptions is not. The files below hand on words that
    /// the engine chose itself, or ONNX Runtime's, which tell what a model lacks; a fault of the engine itself is for its developers.
    /// </summary>
    [Fact]
    public void No_message_hands_on_the_frameworks_words()
    {
        string[] own = ["CheckpointConverter.cs", "Exports.Predict.cs", "ModelOptimizeCommand.cs",
            "ModelQuality.cs", "ModelSummary.cs", "ProviderAssociation.cs", "ReceivedFolder.cs", "RowFile.cs", "ScoringRun.cs",
            "TarReader.cs", "WeightsDownloader.cs"];
        string[] runtimes = ["CalibrationSession.cs", "EmbeddedLibrary.cs", "InferenceSlot.cs", "OnnxFaults.cs", "SeverityModel.cs"];
        string[] faults = ["DicomListener.cs", "ErrorText.cs", "Failures.cs", "ImageScorer.cs", "ParquetFaults.cs", "ResultForwarder.cs"];
        // A parameter's own name may stand in a message: C# callers know it.
        Regex words = new(@"\.Message\b|GetType\(\)\.Name|\{nameof\([^)]+\)\}\.");
        Assert.Equal([.. own.Concat(runtimes).Concat(faults).Order(StringComparer.Ordinal)],
            SourceFiles()
                .Where(path => Path.GetRelativePath(TestData.RepositoryRoot, path).StartsWith("src", StringComparison.Ordinal)
                    && File.ReadLines(path).Any(line => line.Contains("$\"", StringComparison.Ordinal) && words.IsMatch(line)))
                .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
    }

    /// <summary>C# that is written by hand: what builds leave in <c>obj</c> and <c>bin</c> is not.</summary>
    static IEnumerable<string> SourceFiles() =>
        from folder in (string[])["src", "tests", "bench", "examples", "eng"]
        from path in Directory.EnumerateFiles(Path.Combine(TestData.RepositoryRoot, folder), "*.cs", SearchOption.AllDirectories)
        where !path.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin")
        select path;
}
