using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;
using SeverityEngine.Tests.Inference;

namespace SeverityEngine.Tests.Saliency;

[Collection(RunAlone.Name)]
public class ExplainTests
{
    const int Side = 300, Size = 224;

    static readonly SaliencyOptions[] s_kinds =
    [
        new(),
        new() { Target = SaliencyTarget.Opacity },
        new() { Method = SaliencyMethod.ClassActivation },
        new() { Target = SaliencyTarget.Opacity, Method = SaliencyMethod.ClassActivation },
    ];

    static byte[] RandomPixels(int seed)
    {
        byte[] pixels = new byte[Side * Side];
        new Random(seed).NextBytes(pixels);
        return pixels;
    }

    static SeverityPredictor Predictor(ModelFile? model = null, int concurrency = 0) =>
        SeverityPredictor.Create(new PredictorOptions { Model = model, Threads = 1, MaxConcurrency = concurrency });

    [Fact]
    public void Each_score_and_method_has_a_map_of_its_own_beside_the_same_scores()
    {
        using SeverityPredictor predictor = Predictor();
        byte[] pixels = RandomPixels(1);
        SeverityScore score = predictor.Predict(new XRayPixels(pixels, Side, Side));
        List<float[]> maps = [];
        foreach (SaliencyOptions options in s_kinds)
        {
            SaliencyMap map = predictor.Explain(new XRayPixels(pixels, Side, Side), options);
            Assert.Equal((Size, Size, options), (map.Width, map.Height, map.Options));
            Assert.Equal(score.GeographicExtentRaw, map.Score.GeographicExtentRaw, 1e-4);
            Assert.Equal(score.OpacityRaw, map.Score.OpacityRaw, 1e-4);
            Assert.Equal(1, map.LeftHalfShare + map.RightHalfShare, 1e-9);
            Assert.Equal(map.Values.ToArray().Max(), map.Peak.Value);
            Assert.DoesNotContain(maps, m => m.AsSpan().SequenceEqual(map.Values.Span));
            maps.Add(map.Values.ToArray());
        }
        Assert.All(maps[0], v => Assert.True(v >= 0));
    }

    [Fact]
    public void A_black_square_that_changes_the_score_most_lies_where_the_gradient_says()
    {
        // A model that looks at one place alone: the map's peak must be there.
        GraphBuilder builder = new("corner");
        string image = builder.Input("image", OnnxElementType.Float32, ["N", 1, 32, 32]);
        string place = builder.Flatten(builder.Slice(image, [20, 5], [21, 6], [2, 3]));
        builder.Output(builder.Mul(place, builder.Scalar("slope", 2f), "geographic_extent"), OnnxElementType.Float32, ["N", 1]);
        builder.Output(builder.Mul(place, builder.Scalar("other", -3f), "opacity"), OnnxElementType.Float32, ["N", 1]);
        new ModelContract { Name = "corner", Version = "1" }.Write(builder.Model.Metadata);
        using SeverityPredictor predictor = Predictor(new ModelFile(builder.Build().ToArray()));
        SaliencyMap map = predictor.Explain(new XRayPixels(RandomPixels(1), Side, Side));
        Assert.Equal((5, 20), (map.Peak.X, map.Peak.Y));
        Assert.True(map.LeftHalfShare > 0.95, $"{map.LeftHalfShare}");
        // In squared units: 2 and 3 give 4 and 9.
        Assert.Equal(9 / 4.0, predictor.Explain(new XRayPixels(RandomPixels(1), Side, Side), s_kinds[1]).Peak.Value / map.Peak.Value, 1e-4);
        SeverityException refusal =
            Assert.Throws<SeverityException>(() => predictor.Explain(new XRayPixels(RandomPixels(1), Side, Side), s_kinds[2]));
        Assert.Equal(SeverityError.ModelUnsupported, refusal.Code);
        Assert.Contains("class activation map", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Explaining_into_the_callers_memory_gives_the_same_map_and_allocates_nothing_after_the_first_call()
    {
        using SeverityPredictor predictor = Predictor();
        byte[] pixels = RandomPixels(2);
        float[] map = new float[Size * Size];
        foreach (SaliencyOptions options in s_kinds)
        {
            SaliencyMap expected = predictor.Explain(new XRayPixels(pixels, Side, Side), options);
            predictor.Explain(new XRayPixels(pixels, Side, Side), map, options);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 5; i++)
                predictor.Explain(new XRayPixels(pixels, Side, Side), map, options);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(expected.Values.ToArray(), map);
        }
    }

    [Fact]
    public void Callers_on_many_threads_who_explain_and_predict_get_the_map_of_their_own_image()
    {
        byte[][] images = [.. Enumerable.Range(0, 5).Select(RandomPixels)];
        using SeverityPredictor alone = Predictor();
        SaliencyMap[] expected = [.. images.Select(i => alone.Explain(new XRayPixels(i, Side, Side)))];
        using SeverityPredictor predictor = Predictor(concurrency: 2);
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            int at = i % images.Length;
            if (i % 3 == 0)
                predictor.Predict(new XRayPixels(images[at], Side, Side));
            else
                Assert.Equal(expected[at].Values.ToArray(), predictor.Explain(new XRayPixels(images[at], Side, Side)).Values.ToArray());
        });
    }

    [Fact]
    public void Dispose_waits_for_explanations_that_are_running_and_refuses_later_ones()
    {
        SeverityPredictor predictor = Predictor(concurrency: 2);
        byte[] pixels = RandomPixels(1);
        Callers.AssertEndWhenDisposed(predictor, 3, () => predictor.Explain(new XRayPixels(pixels, Side, Side)));
        // Of a kind that was never made, too.
        Assert.Equal(SeverityError.Disposed,
            Assert.Throws<SeverityException>(() => predictor.Explain(new XRayPixels(pixels, Side, Side), s_kinds[3])).Code);
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        using SeverityPredictor predictor = Predictor();
        byte[] pixels = RandomPixels(1);
        Assert.Equal(SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => predictor.Explain(default(XRayPixels))).Code);
        Assert.Equal(SeverityError.InvalidArgument,
            Assert.Throws<SeverityException>(() => predictor.Explain(new XRayPixels(pixels, Side, Side), new float[7])).Code);
        foreach (SaliencyOptions bad in (SaliencyOptions[])[new() { Target = (SaliencyTarget)2 }, new() { Method = (SaliencyMethod)(-1) }])
            Assert.Equal(SeverityError.InvalidArgument,
                Assert.Throws<SeverityException>(() => predictor.Explain(new XRayPixels(pixels, Side, Side), bad)).Code);
        Assert.Equal(SeverityError.FileNotFound, Assert.Throws<SeverityException>(() => predictor.Explain("no-such-file.png")).Code);
        Assert.Equal(
            SeverityError.ImageFormatUnknown, Assert.Throws<SeverityException>(() => predictor.Explain("not an image"u8, "words")).Code);
    }

    [Fact]
    public void A_model_file_that_was_changed_since_is_not_mixed_with_the_old_one()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "model.onnx");
        File.WriteAllBytes(path, ModelFile.BuiltIn().Bytes.ToArray());
        using SeverityPredictor first = Predictor(ModelFile.Load(path));
        byte[] pixels = RandomPixels(1);
        float[] map = first.Explain(new XRayPixels(pixels, Side, Side)).Values.ToArray();
        using (SeverityPredictor builtIn = Predictor())
            Assert.Equal(map, builtIn.Explain(new XRayPixels(pixels, Side, Side)).Values.ToArray());
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        SeverityException fault = Assert.Throws<SeverityException>(() => first.Explain(new XRayPixels(pixels, Side, Side), s_kinds[1]));
        Assert.Equal(SeverityError.ModelNotFound, fault.Code);
        Assert.Contains("was changed after", fault.Message, StringComparison.Ordinal);
        File.Delete(path);
        Assert.Contains("was removed after", Assert.Throws<SeverityException>(
            () => first.Explain(new XRayPixels(pixels, Side, Side), s_kinds[1])).Message, StringComparison.Ordinal);
        // What was made before goes on.
        Assert.Equal(map, first.Explain(new XRayPixels(pixels, Side, Side)).Values.ToArray());
    }

    [Fact]
    public void A_predictor_does_not_hold_the_bytes_of_its_model_file()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "model.onnx");
        File.WriteAllBytes(path, ModelFile.BuiltIn().Bytes.ToArray());
        foreach (Func<ModelFile> load in (Func<ModelFile>[])[() => ModelFile.Load(path), ModelFile.BuiltIn])
        {
            (SeverityPredictor predictor, WeakReference file) = Make(load);
            using (predictor)
            {
                GC.Collect();
                Assert.False(file.IsAlive);
                Assert.Equal(Size, predictor.Explain(new XRayPixels(RandomPixels(1), Side, Side)).Width);
            }
        }

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static (SeverityPredictor, WeakReference) Make(Func<ModelFile> load)
        {
            ModelFile file = load();
            return (Predictor(file), new WeakReference(file));
        }
    }

    [Fact]
    public void Making_ready_to_explain_does_what_the_first_call_would()
    {
        using SeverityPredictor predictor = Predictor();
        foreach (SaliencyOptions options in s_kinds)
            predictor.PrepareToExplain(options);
        byte[] pixels = RandomPixels(1);
        // Deriving a graph takes more than the model's 11 MB.
        long before = GC.GetAllocatedBytesForCurrentThread();
        predictor.Explain(new XRayPixels(pixels, Side, Side));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3 << 20);
    }

    [Fact]
    public void The_default_models_class_activations_are_its_features_weighed_by_its_head()
    {
        OnnxModel model = OnnxModel.Parse(ModelFile.BuiltIn().Bytes);
        OnnxTensor weight = model.Graph.Initializers["geo.weight"];
        Assert.Equal(384, weight.Count);
        // The two stages that are pooled into the features: their maps enlarge from 14 and from 7 pixels.
        OnnxModel derived = ClassActivation.Of(model);
        Assert.Equal(2, derived.Graph.Nodes.Count(n => n.Name.StartsWith("class_activation.map", StringComparison.Ordinal)));
        using SeverityPredictor predictor = Predictor();
        byte[] flat = [.. Enumerable.Repeat((byte)128, Side * Side)];
        foreach (byte[] pixels in (byte[][])[RandomPixels(3), flat])
        {
            SaliencyMap map = predictor.Explain(new XRayPixels(pixels, Side, Side), s_kinds[2]);
            // Enlarging by a whole factor weighs edges a little more: the mean is the score up to that, and the head's bias.
            double bias = model.Graph.Initializers["geo.bias"].Values<float>()[0];
            Assert.Equal(map.Score.GeographicExtentRaw - bias, map.Values.ToArray().Average(), 0.35);
        }
    }
}
