using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

public class HelpTests
{
    [Fact]
    public void Version_names_the_engine_the_runtime_the_instructions_and_the_model()
    {
        string[] lines = Command.Severity("version").Lines;
        Assert.Matches(@"^severity \d+\.\d+\.\d+$", lines[0]);
        Assert.Matches(@"^ONNX Runtime 1\.\d+\.\d+$", lines[1]);
        Assert.StartsWith("instruction sets: ", lines[2]);
        Assert.Equal("model: severity-compact 1.1.0 (the built-in model)", lines[3]);
        // sha256sum models/severity-compact.onnx
        Assert.Equal("model sha256: c169c0b6ba4d2c391898b06cca24556b7a1d41143a6c327544c2f063e225cb27", lines[4]);
    }

    [Fact]
    public void Licenses_names_every_package_that_is_shipped()
    {
        string notices = Command.Severity("version", "--licenses").Output;
        string[] packages = [.. ShippedPackages()];
        Assert.Contains("Microsoft.ML.OnnxRuntime", packages);
        Assert.Contains("Spectre.Console.Ansi", packages);
        Assert.All(packages, p => Assert.Contains($"| {p} | ", notices, StringComparison.Ordinal));
    }

    [Fact]
    public void Licenses_has_the_texts_of_the_runtimes_and_of_what_they_hold_of_others()
    {
        string notices = Command.Severity("version", "--licenses").Output;
        Assert.Contains("Microsoft.ML.OnnxRuntime: ThirdPartyNotices.txt", notices, StringComparison.Ordinal);
        Assert.Contains("Microsoft.DotNet.ILCompiler: THIRD-PARTY-NOTICES.TXT", notices, StringComparison.Ordinal);
        // From the .NET runtime's notices, ONNX Runtime's, and the head.
        Assert.Contains("License notice for Slicing-by-8", notices, StringComparison.Ordinal);
        Assert.Contains("Eigen", notices, StringComparison.Ordinal);
        Assert.Contains("Independent JPEG Group", notices, StringComparison.Ordinal);
        Assert.Contains("Copyright 2008 Google Inc.", notices, StringComparison.Ordinal);
        Assert.Contains("Copyright (c) .NET Foundation and Contributors", notices, StringComparison.Ordinal);
    }

    /// <summary>The packages that the build says the command needs to run.</summary>
    static IEnumerable<string> ShippedPackages()
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string built = Path.Combine(TestData.RepositoryRoot, "src", "SeverityEngine.Cli", "bin", configuration, "net10.0");
        using JsonDocument dependencies = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(built, "severity.deps.json")));
        HashSet<string> packages = [.. dependencies.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(l => l.Value.GetProperty("type").GetString() == "package").Select(l => l.Name)];
        foreach (JsonProperty library in dependencies.RootElement.GetProperty("targets").EnumerateObject().First().Value.EnumerateObject())
        {
            bool runs = library.Value.TryGetProperty("runtime", out _) || library.Value.TryGetProperty("runtimeTargets", out _);
            if (runs && packages.Contains(library.Name))
                yield return library.Name[..library.Name.IndexOf('/')];
        }
    }
}
