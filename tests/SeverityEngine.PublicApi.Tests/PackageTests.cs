using System.IO.Compression;
using System.Xml.Linq;
using SeverityEngine.Tests;

namespace SeverityEngine.PublicApi.Tests;

/// <summary>What the NuGet packages say of themselves.</summary>
public class PackageTests
{
    [Theory]
    [InlineData("SeverityEngine.Core")]
    [InlineData("SeverityEngine.Imaging")]
    [InlineData("SeverityEngine.Onnx")]
    [InlineData("SeverityEngine")]
    [InlineData("SeverityEngine.Models")]
    [InlineData("SeverityEngine.Batch")]
    [InlineData("SeverityEngine.Evaluation")]
    [InlineData("SeverityEngine.Dicom")]
    public void A_package_has_its_page_its_license_its_documentation_and_its_symbols(string name)
    {
        using TemporaryFolder folder = new();
        string project = Path.Combine(TestData.RepositoryRoot, "src", name);
        CommandResult pack = Command.Run("dotnet",
            ["pack", project, "-c", Configuration, "--no-build", "-o", folder.Path, "--nologo", "-v", "quiet"], TestData.RepositoryRoot);
        Assert.True(pack.ExitCode == 0, pack.Output + pack.Error);

        using ZipArchive package = ZipFile.OpenRead(Directory.GetFiles(folder.Path, "*.nupkg").Single());
        XElement metadata = XDocument.Parse(Text(package, $"{name}.nuspec")).Root!.Elements().Single();
        XElement license = Value(metadata, "license");
        Assert.Equal("README.md", Value(metadata, "readme").Value);
        Assert.StartsWith($"# {name}\n", Text(package, "README.md").ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains($"lib/net10.0/{name}.xml", package.Entries.Select(entry => entry.FullName));
        // What holds the model has the model's terms too, which no expression tells.
        bool holdsModel = name == "SeverityEngine";
        Assert.Equal(holdsModel ? ("file", "LICENSE.md") : ("expression", "Apache-2.0"), (license.Attribute("type")!.Value, license.Value));
        if (holdsModel)
        {
            foreach (string words in (string[])["severity-compact", "CC BY-NC-SA", "research use only", "Apache License 2.0"])
                Assert.Contains(words, Text(package, "LICENSE.md"), StringComparison.Ordinal);
            Assert.Equal(File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "LICENSE")), Text(package, "LICENSE"));
            string card = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "models", "README.md"));
            Assert.Equal(card, Text(package, "severity-compact.md"));
        }

        using ZipArchive symbols = ZipFile.OpenRead(Directory.GetFiles(folder.Path, "*.snupkg").Single());
        Assert.Contains($"lib/net10.0/{name}.pdb", symbols.Entries.Select(entry => entry.FullName));
    }

    static string Configuration => Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)))!;

    static XElement Value(XElement metadata, string name) => metadata.Elements().Single(element => element.Name.LocalName == name);

    static string Text(ZipArchive package, string name)
    {
        using StreamReader reader = new(package.GetEntry(name)!.Open());
        return reader.ReadToEnd();
    }
}
