using SeverityEngine.Tests;

namespace SeverityEngine.Phantoms.Tests;

/// <summary>The pictures of tests/samples, drawn by the commands in their README.md.</summary>
public class SampleTests
{
    static string Sample(string name) => Path.Combine(TestData.RepositoryRoot, "tests", "samples", name);

    public static TheoryData<string, ChestPhantom> Samples => new()
    {
        { "clear.png", new ChestPhantom { Seed = 1, Width = 640, Height = 640 } },
        { "moderate.jpg", new ChestPhantom { Seed = 2, GeographicExtent = 4, Width = 640, Height = 640 } },
        { "severe.png", new ChestPhantom { Seed = 3, GeographicExtent = 7, Width = 448, Height = 448, BitsPerSample = 16 } },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void Samples_are_what_the_generator_draws(string name, ChestPhantom phantom)
    {
        string folder = Directory.CreateTempSubdirectory("severity-test-").FullName;
        try
        {
            phantom.Save(Path.Combine(folder, name));
            using XRayImage committed = XRayImage.Load(Sample(name)), drawn = XRayImage.Load(Path.Combine(folder, name));
            Assert.Equal((committed.Width, committed.Height, committed.BitsPerSample), (drawn.Width, drawn.Height, drawn.BitsPerSample));
            Assert.True(
                committed.Pixels.Data.SequenceEqual(drawn.Pixels.Data), $"{name} is stale; draw it again as tests/samples/README.md says");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_default_model_ranks_the_samples_by_their_severity()
    {
        using SeverityPredictor predictor = SeverityPredictor.Create();
        SeverityScore clear = predictor.Predict(Sample("clear.png"));
        SeverityScore moderate = predictor.Predict(Sample("moderate.jpg"));
        SeverityScore severe = predictor.Predict(Sample("severe.png"));
        Assert.True(clear.GeographicExtent < moderate.GeographicExtent && moderate.GeographicExtent < severe.GeographicExtent);
        Assert.True(clear.Opacity < moderate.Opacity && moderate.Opacity < severe.Opacity);
    }
}
