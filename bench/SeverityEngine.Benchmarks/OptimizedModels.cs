using System.Globalization;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Models.Quantization;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;
using SeverityEngine.Phantoms;

namespace SeverityEngine.Benchmarks;

/// <summary>
/// A model as it is, after the exact passes, and in 8-bit integers, run in turns in one process; ONNX Runtime's own optimizations are on
/// for all of them. A round gives each twenty runs, of which the first, which finds the caches full of another model's weights, is not
/// counted. The ratio is the median over the rounds of the plain model's time to the other's.
/// </summary>
static class OptimizedModels
{
    const int Side = 224;
    const int RunsOfRound = 20;

    const string BuiltIn = "built-in";

    /// <param name="path">A checkpoint of DenseNet-121, or <c>built-in</c> for the built-in model.</param>
    /// <param name="rounds">How often each is run.</param>
    public static void Run(string path, int rounds)
    {
        OnnxModel plain = path == BuiltIn ? OnnxModel.Parse(ModelFile.BuiltIn().Bytes, path)
            : DenseNet121.Build(
                CheckpointFile.Read(path).Tensors, new CidcHead(), new ModelContract { Name = "densenet121", Version = "1" });
        OnnxModel exact = plain.Clone();
        EnginePasses.Apply(exact);
        OnnxModel integers = ModelQuantizer.Convert(
            plain, path, CalibrationImages.From(ChestPhantom.OfAllSeverities().Select(p => p.Render()), Side), "phantoms");
        (string Name, OnnxModel Model)[] models = [("plain", plain), ("exact passes", exact), ("int8", integers)];
        byte[] pixels = new byte[Side * Side];
        new Random(1).NextBytes(pixels);
        Console.WriteLine("threads  model         MB     median ms  least ms  ratio");
        foreach (int threads in (int[])[1, 2])
        {
            SeverityPredictor[] predictors = [.. models.Select(m =>
                SeverityPredictor.Create(new PredictorOptions { Model = new ModelFile(m.Model.ToArray()), Threads = threads }))];
            double[][] times = [.. models.Select(_ => new double[rounds])];
            for (int round = -2; round < rounds; round++)
            {
                for (int i = 0; i < predictors.Length; i++)
                {
                    predictors[i].Predict(new XRayPixels(pixels, Side, Side));
                    TimeSpan sum = TimeSpan.Zero;
                    for (int run = 1; run < RunsOfRound; run++)
                        sum += predictors[i].Predict(new XRayPixels(pixels, Side, Side)).Timings.Infer;
                    if (round >= 0)
                        times[i][round] = sum.TotalMilliseconds / (RunsOfRound - 1);
                }
            }
            for (int i = 0; i < predictors.Length; i++)
            {
                double ratio = Median([.. times[0].Zip(times[i]).Select(t => t.First / t.Second)]);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{threads,7}  {models[i].Name,-12}  {models[i].Model.ToArray().Length / 1e6,4:f1}  {Median([.. times[i]]),10:f2}  "
                        + $"{times[i].Min(),8:f2}  {ratio,5:f2}"));
                predictors[i].Dispose();
            }
        }
    }

    static double Median(double[] numbers)
    {
        Array.Sort(numbers);
        return numbers[numbers.Length / 2];
    }
}
