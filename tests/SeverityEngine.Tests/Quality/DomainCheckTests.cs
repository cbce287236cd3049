using System.Text.Json;
using SeverityEngine.Onnx;
using SeverityEngine.Quality;

namespace SeverityEngine.Tests.Quality;

[Trait(InstructionSetTests.Trait, "yes")]
public class DomainCheckTests
{
    const int Side = Thumbnail.Size;

    static readonly float[] s_edge = DomainSamples.Input((x, _) => x < Side * 3 / 4 ? -1024 : 1024);

    [Fact]
    public void Features_are_measured_along_the_directions_and_beside_them()
    {
        // Roots of 2, 3 and -1: 2²/4 along the first, and (3² + 1²) / 0.5 beside it; 21 of 10 that are allowed.
        DomainResult result = Check().Run(s_edge, [4, 9, -1], 16, 16);
        Assert.Equal(2.1, result.FeatureRatio!.Value, 1e-6);
        Assert.Equal(0, result.PictureRatio, 1e-6);
        Assert.Equal((DomainVerdict.Outside, null), (result.Verdict, result.Candidate));
        Assert.Equal(2.1, result.Ratio, 1e-6);
        Assert.Equal(DomainReason.NotAnXRay, result.Reason);
    }

    [Fact]
    public void A_picture_within_all_limits_is_inside()
    {
        DomainResult result = Check().Run(s_edge, [16, 0, 1], 32, 16);
        Assert.Equal(DomainVerdict.Inside, result.Verdict);
        Assert.Equal(0.6, result.FeatureRatio!.Value, 1e-6);
        Assert.Equal(1, result.AspectRatio);
        Assert.Equal(0.6, result.Ratio, 1e-6);
        Assert.Equal(DomainReason.None, result.Reason);
    }

    [Theory]
    [InlineData(33, 16, 33 / 32.0)]
    [InlineData(16, 40, 1.25)]
    public void The_aspect_alone_can_be_outside(int width, int height, double ratio)
    {
        DomainResult result = Check().Run(s_edge, [0, 0, 0], width, height);
        Assert.Equal((DomainVerdict.Outside, ratio, ratio), (result.Verdict, result.AspectRatio, result.Ratio));
        Assert.Equal(DomainReason.Aspect, result.Reason);
    }

    [Fact]
    public void Features_are_left_out_where_there_are_none_or_nothing_to_hold_them_against()
    {
        Assert.Null(Check().Run(s_edge, [], 16, 16).FeatureRatio);
        DomainResult result = new DomainCheck(DomainSamples.Small with { Features = null }, Side).Run(s_edge, [400, 900], 16, 16);
        Assert.Equal((DomainVerdict.Inside, null), (result.Verdict, result.FeatureRatio));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void A_blank_picture_is_as_far_as_one_that_has_nothing_to_do_with_X_rays(float noise)
    {
        PictureStatistics pictures = DomainSamples.Small.Picture with { Threshold = 1.5 };
        DomainStatistics usual = DomainSamples.Small with { Features = null, Picture = pictures };
        float[] blank = DomainSamples.Input((x, y) => -1000 + noise * ((x + y) % 2));
        DomainResult result = new DomainCheck(usual, Side).Run(blank, [], 16, 16);
        Assert.Equal((DomainVerdict.Outside, null), (result.Verdict, result.Candidate));
        Assert.Equal(2 / 1.5, result.PictureRatio, 1e-6);
    }

    [Fact]
    public void Features_that_are_no_numbers_are_outside() =>
        Assert.Equal(DomainVerdict.Outside, Check().Run(s_edge, [float.NaN, 0, 0], 16, 16).Verdict);

    [Fact]
    public void What_nobody_looked_at_was_not_checked()
    {
        Assert.Equal(DomainVerdict.NotChecked, default(DomainResult).Verdict);
        Assert.Equal(DomainReason.None, default(DomainResult).Reason);
    }

    [Fact]
    public void A_fault_is_said_only_when_the_corrected_picture_is_inside()
    {
        DomainCheck check = Check();
        // White at the top: the edge, turned by a quarter to the left.
        DomainResult result = check.Run(DomainSamples.Input((_, y) => y < Side / 4 ? 1024 : -1024), [0, 0, 0], 16, 16);
        Assert.Equal((DomainVerdict.Outside, new PictureFault(1, false)), (result.Verdict, result.Candidate));
        Assert.False(result.IsConfirmed);
        Assert.Equal(DomainReason.NotAnXRay, result.Reason);

        DomainResult confirmed = check.Confirm(result, [16, 0, 1]);
        Assert.Equal((DomainVerdict.Outside, true), (confirmed.Verdict, confirmed.IsConfirmed));
        Assert.Equal(DomainReason.TurnedCounterclockwise, confirmed.Reason);
        Assert.Equal("looks turned counterclockwise by 90 degrees; the score means nothing", confirmed.Warning);
        Assert.False(check.Confirm(result, [4, 9, -1]).IsConfirmed);
        Assert.False(check.Confirm(result, []).IsConfirmed);
    }

    [Fact]
    public void What_no_correction_brings_near_has_no_candidate()
    {
        DomainResult result = Check().Run(DomainSamples.Input((x, y) => (x + y) % 2 == 0 ? 1024 : -1024), [0, 0, 0], 16, 16);
        Assert.Equal((DomainVerdict.Outside, null), (result.Verdict, result.Candidate));
        Assert.False(Check().Confirm(result, [0, 0, 0]).IsConfirmed);
    }

    [Fact]
    public void A_check_allocates_nothing()
    {
        DomainCheck check = new(DomainSamples.Small, 224);
        float[] input = new float[224 * 224], features = [1, 2, 3];
        input.AsSpan(0, input.Length / 4).Fill(1024);
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            for (int i = 0; i < 20; i++)
            {
                DomainResult result = check.Run(input, features, 100, 100);
                Assert.True(check.Confirm(result, features).Reason != DomainReason.None);
            }
        }
    }

    [Fact]
    public void Ratios_and_distances_are_those_that_numpy_computes()
    {
        OrderedDictionary<string, string> metadata = OnnxModel.ReadMetadata(ModelFile.BuiltIn().Bytes, "model");
        DomainStatistics statistics = DomainText.Read(metadata[ModelContract.DomainKey], 384);
        DomainCheck check = new(statistics, Side);
        using JsonDocument vectors = DomainSamples.Reference("test-vectors.json");
        Assert.Equal(14, vectors.RootElement.GetArrayLength());
        int faults = 0;
        Assert.All(vectors.RootElement.EnumerateArray(), vector =>
        {
            double[] thumbnail = vector.Numbers("thumbnail16"), variants = vector.Numbers("picture_distance_of_variants");
            float[] features = [.. vector.Numbers("features").Select(f => (float)f)];
            DomainResult result = check.Run(DomainSamples.Input(thumbnail), features, 1, 1);
            AssertRelative(vector.Number("picture_ratio"), result.PictureRatio);
            AssertRelative(vector.Number("feature_ratio"), result.FeatureRatio!.Value);

            // The variants are what corrects a fault: turns counterclockwise by 0 to 3 quarters, and the same inverted.
            float[] turned = [.. thumbnail.Select(u => (float)u)];
            Thumbnail.Normalize(turned);
            for (int i = 0; i < variants.Length; i++)
            {
                float[] variant = [.. turned.Select(v => i < 4 ? v : -v)];
                AssertRelative(variants[i], DomainCheck.PictureDistance(variant, statistics.Picture));
                PictureFault.TurnCounterclockwise(turned, Side);
            }
            int best = variants.IndexOf(variants.Min());
            bool isLikely = result.PictureRatio > 1 && variants[best] <= statistics.Picture.Threshold && variants[best] < 0.8 * variants[0];
            Assert.Equal(isLikely ? new PictureFault((4 - best % 4) % 4, best >= 4) : null, result.Candidate);
            faults += isLikely ? 1 : 0;
        });
        Assert.InRange(faults, 4, 13);
    }

    static DomainCheck Check() => new(DomainSamples.Small, Side);

    static void AssertRelative(double expected, double actual) => Assert.Equal(1, actual / expected, 1e-4);
}
