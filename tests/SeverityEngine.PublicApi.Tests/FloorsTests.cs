using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using SeverityEngine.Tests;

namespace SeverityEngine.PublicApi.Tests;

/// <summary>
/// The floors of the house: which assembly may know which. A reference that is not in the table fails, and so does one that is no longer
/// used.
/// </summary>
public class FloorsTests
{
    const string Core = "SeverityEngine.Core", Imaging = "SeverityEngine.Imaging", Onnx = "SeverityEngine.Onnx", Engine = "SeverityEngine",
        Models = "SeverityEngine.Models", Dicom = "SeverityEngine.Dicom", Batch = "SeverityEngine.Batch",
        Phantoms = "SeverityEngine.Phantoms", Evaluation = "SeverityEngine.Evaluation", Programs = "SeverityEngine.Programs",
        Runtime = "Microsoft.ML.OnnxRuntime", Web = "Microsoft.AspNetCore.App";

    public static TheoryData<string, string[]> Floors => new()
    {
        { Core, [] },
        { Imaging, [Core, "StbImageSharp", "StbImageWriteSharp", "System.IO.Hashing"] },
        { Onnx, ["Google.Protobuf"] },
        { Engine, [Core, Imaging, Onnx, Runtime] },
        { Models, [Core, Imaging, Onnx, Engine, Runtime, "MathNet.Numerics", "System.IO.Hashing"] },
        { Dicom, [Core, Imaging, Engine] },
        { Batch, [Core, Imaging, Engine, Dicom, "System.IO.Hashing"] },
        { Phantoms, [Core, Imaging] },
        { Evaluation, [Core, Imaging, Batch, Engine, "MathNet.Numerics", "Sep"] },
        { Programs, [Core, Imaging, Engine, Models, "System.CommandLine"] },
        {
            "SeverityEngine.Cli",
            [Core, Imaging, Onnx, Engine, Models, Dicom, Batch, Phantoms, Evaluation, Programs, "Spectre.Console", "System.CommandLine"]
        },
        {
            "SeverityEngine.Server",
            [Core, Imaging, Engine, Dicom, Batch, Programs, Web, "System.CommandLine"]
        },
        { "SeverityEngine.Avx512", [] },
        { "SeverityEngine.Parquet", [Core, "Parquet"] },
        { "SeverityEngine.Native", [Core, Imaging, Engine, Models, Dicom] },
    };

    [Theory]
    [MemberData(nameof(Floors))]
    public void An_assembly_knows_only_the_floors_below_it(string project, string[] allowed) =>
        Assert.Equal(allowed.Order(StringComparer.Ordinal), References(project).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_assembly_has_its_floor()
    {
        string[] projects =
            [.. Directory.EnumerateFiles(Path.Combine(TestData.RepositoryRoot, "src"), "*.csproj", SearchOption.AllDirectories)
                .Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)!];
        Assert.Equal(projects, Floors.Select(f => f.Data.Item1).Order(StringComparer.Ordinal));
    }

    /// <summary>What an assembly was compiled against, .NET's own left out; ASP.NET Core counts as one.</summary>
    static IEnumerable<string> References(string project) => AllReferences(project).Distinct();

    static IEnumerable<string> AllReferences(string project)
    {
        string name = project switch
        {
            "SeverityEngine.Cli" => "severity",
            "SeverityEngine.Server" => "severity-server",
            "SeverityEngine.Avx512" => "severity-avx512",
            "SeverityEngine.Parquet" => "severity-parquet",
            _ => project,
        };
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string path = Path.Combine(TestData.RepositoryRoot, "src", project, "bin", configuration, "net10.0", $"{name}.dll");
        using PEReader file = new(File.OpenRead(path));
        MetadataReader reader = file.GetMetadataReader();
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string web = Path.Combine(framework, "..", "..", Web, Path.GetFileName(framework));
        foreach (AssemblyReferenceHandle handle in reader.AssemblyReferences)
        {
            string reference = reader.GetString(reader.GetAssemblyReference(handle).Name);
            if (!File.Exists(Path.Combine(framework, $"{reference}.dll")) && reference != "System.Numerics.Tensors")
                yield return File.Exists(Path.Combine(web, $"{reference}.dll")) ? Web : reference;
        }
    }
}
