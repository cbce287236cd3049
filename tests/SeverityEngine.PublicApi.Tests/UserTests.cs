using SeverityEngine.Models;
using SeverityEngine.Tests;

namespace SeverityEngine.PublicApi.Tests;

/// <summary>What the README and the packages' pages promise C# users, compiled against the public surface alone.</summary>
public class UserTests
{
    static readonly string s_sample = Path.Combine(TestData.RepositoryRoot, "tests", "samples", "severe.png");

    [Fact]
    public void A_file_its_bytes_and_its_pixels_score_the_same()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Threads = 1 });
        using XRayImage image = XRayImage.Load(s_sample);
        SeverityScore fromFile = predictor.Predict(s_sample);
        Assert.Equal(fromFile.GeographicExtentRaw, predictor.Predict(File.ReadAllBytes(s_sample)).GeographicExtentRaw);
        Assert.Equal(fromFile.GeographicExtentRaw, predictor.Predict(image.Pixels).GeographicExtentRaw);
        Assert.InRange(fromFile.GeographicExtent, 0, 8);
        Assert.InRange(fromFile.Opacity, 0, 6);
    }

    [Fact]
    public async Task A_model_installs_in_one_call_and_an_unknown_one_is_named()
    {
        using TemporaryFolder folder = new();
        ModelInstaller installer = new(new ModelStore(folder.Path));
        SeverityException fault = await Assert.ThrowsAsync<SeverityException>(
            () => installer.InstallAsync("no-such-model", cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(SeverityError.ModelNotFound, fault.Code);
        Assert.Contains("no-such-model", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_map_of_where_the_model_looked_is_drawn()
    {
        using TemporaryFolder folder = new();
        using SeverityPredictor predictor = SeverityPredictor.Create();
        SaliencyMap map = predictor.Explain(s_sample);
        map.Save(folder["map.png"]);
        using XRayImage picture = XRayImage.Load(folder["map.png"]);
        Assert.Equal(predictor.Model.InputSize, picture.Width);
    }
}
