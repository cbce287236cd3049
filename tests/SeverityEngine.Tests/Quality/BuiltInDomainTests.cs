using System.Text.Json;
using SeverityEngine.Inference;
using SeverityEngine.Quality;

namespace SeverityEngine.Tests.Quality;

/// <summary>The built-in model's domain, from files to verdicts.</summary>
public class BuiltInDomainTests
{
    [Fact]
    public void Drawn_pictures_have_the_verdicts_that_numpy_and_pytorch_give()
    {
        using SeverityModel model = Model();
        using InferenceSlot slot = new(model);
        DomainCheck check = CheckOf(model);
        using JsonDocument expected = DomainSamples.Reference("expected.json");
        string[] names = ["upright", "turned 270", "upside down", "turned 90", "inverted"];
        Assert.All(expected.RootElement.EnumerateArray(), picture =>
        {
            string file = picture.GetProperty("file").GetString()!;
            DomainResult result = Run(slot, check, TestData.Get("domain", file));
            Assert.Equal(picture.Number("feature_ratio"), result.FeatureRatio!.Value, 0.01);
            Assert.Equal(picture.Number("picture_ratio"), result.PictureRatio, 0.01);
            Assert.Equal(picture.GetProperty("outside").GetBoolean(), result.Verdict == DomainVerdict.Outside);
            if (result.Candidate is { } fault)
            {
                fault.Correct(slot.Input, model.InputSize);
                slot.RunFully();
                result = check.Confirm(result, slot.Features);
            }
            // Its names are of what corrects the fault.
            Assert.Equal(picture.GetProperty("named").GetString(), result.IsConfirmed ? names[result.Candidate!.Value.Index] : null);
        });
    }

    [Fact]
    public void Real_X_rays_have_the_verdicts_that_numpy_and_pytorch_give()
    {
        using SeverityModel model = Model();
        using InferenceSlot slot = new(model);
        DomainCheck check = CheckOf(model);
        using JsonDocument expected = DomainSamples.Reference("on-the-94.json");
        JsonProperty[] images = [.. expected.RootElement.EnumerateObject()];
        Assert.Equal(94, images.Length);
        Assert.All(images, image =>
        {
            DomainResult result = Run(slot, check, TestData.Get("data", "cxr", image.Name));
            // The thumbnails there were not made of the network's input, but of the picture itself.
            Assert.Equal(image.Value.Number("picture_ratio"), result.PictureRatio, 0.05);
            Assert.Equal(image.Value.Number("feature_ratio"), result.FeatureRatio!.Value, 0.01);
            Assert.Equal(image.Value.GetProperty("outside").GetBoolean(), result.Verdict == DomainVerdict.Outside);
        });
    }

    static SeverityModel Model() => SeverityModel.Create(ModelFile.BuiltIn(), threads: 1, isTrusted: false);

    static DomainCheck CheckOf(SeverityModel model) =>
        new(DomainText.Read(model.Info.Metadata[ModelContract.DomainKey], model.Info.FeatureCount), model.InputSize);

    static DomainResult Run(InferenceSlot slot, DomainCheck check, string path)
    {
        using XRayImage image = XRayImage.Load(path);
        slot.Preprocess(image.Pixels);
        slot.RunFully();
        return check.Run(slot.Input, slot.Features, image.Width, image.Height);
    }
}
