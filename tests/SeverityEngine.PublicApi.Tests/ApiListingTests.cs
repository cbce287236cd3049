using System.Reflection;
using PublicApiGenerator;
using SeverityEngine.Dicom;
using SeverityEngine.Evaluation;
using SeverityEngine.Models;
using SeverityEngine.Onnx;
using SeverityEngine.Phantoms;
using SeverityEngine.Tests;

namespace SeverityEngine.PublicApi.Tests;

/// <summary>
/// The public surface of each library, as it was last agreed to: <c>tests/fixtures/api</c>. With SEVERITY_UPDATE=1 it is written anew.
/// </summary>
public class ApiListingTests
{
    public static TheoryData<string> Libraries => [.. s_libraries.Select(a => a.GetName().Name!)];

    static readonly Assembly[] s_libraries =
    [
        typeof(SeverityException).Assembly, typeof(XRayImage).Assembly, typeof(OnnxModel).Assembly,
        typeof(SeverityPredictor).Assembly, typeof(ModelInstaller).Assembly, typeof(ChestPhantom).Assembly,
        typeof(AgreementStatistics).Assembly, typeof(DicomReport).Assembly,
    ];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_public_api_is_the_one_that_was_written_down(string library)
    {
        Assembly assembly = s_libraries.Single(a => a.GetName().Name == library);
        string api =
            assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n") + "\n";
        Updated.AssertFile(Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "api", $"{library}.txt"), api);
    }
}
