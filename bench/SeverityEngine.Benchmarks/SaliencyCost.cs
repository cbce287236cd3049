using System.Diagnostics;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Networks;

namespace SeverityEngine.Benchmarks;

/// <summary>
/// What scores and a saliency map cost together, as a multiple of the scores alone, from pixels of the network's size: one after the other
/// in turns, so that what else the machine does falls on both alike.
/// </summary>
static class SaliencyCost
{
    const int Side = 224;

    /// <param name="path">A model, or a checkpoint of DenseNet-121; null for the built-in model.</param>
    /// <param name="rounds">How often each is run.</param>
    public static void Run(string? path, int rounds)
    {
        ModelFile model = path is null
            ? ModelFile.BuiltIn()
            : Path.GetExtension(path) == ".onnx" ? ModelFile.Load(path) : FromCheckpoint(path);
        byte[] pixels = new byte[Side * Side];
        new Random(1).NextBytes(pixels);
        float[] map = new float[Side * Side];
        Console.WriteLine("threads  predict ms (min, median)  gradient ms (min, median)  ratio  class activation ms (min, median)  ratio");
        foreach (int threads in (int[])[1, 2])
        {
            using SeverityPredictor predictor = SeverityPredictor.Create(new PredictorOptions { Model = model, Threads = threads });
            SaliencyOptions activation = new() { Method = SaliencyMethod.ClassActivation };
            bool hasActivation = Applies(predictor, activation);
            double[] scores = new double[rounds], gradients = new double[rounds], activations = new double[rounds];
            for (int i = -2; i < rounds; i++)
            {
                double score = Time(() => predictor.Predict(new XRayPixels(pixels, Side, Side)));
                double gradient = Time(() => predictor.Explain(new XRayPixels(pixels, Side, Side), map));
                double cam = hasActivation
                    ? Time(() => predictor.Explain(new XRayPixels(pixels, Side, Side), map, activation))
                    : double.NaN;
                if (i >= 0)
                    (scores[i], gradients[i], activations[i]) = (score, gradient, cam);
            }
            Array.Sort(scores);
            Array.Sort(gradients);
            Array.Sort(activations);
            int middle = rounds / 2;
            Console.WriteLine($"{threads,7}  {scores[0],14:f1} {scores[middle],9:f1}  "
                + $"{gradients[0],15:f1} {gradients[middle],9:f1}  {gradients[middle] / scores[middle],5:f2}  "
                + $"{activations[0],23:f1} {activations[middle],9:f1}  {activations[middle] / scores[middle],5:f2}");
        }
    }

    static ModelFile FromCheckpoint(string path)
    {
        ModelContract contract = new() { Name = "densenet121", Version = "1" };
        return new ModelFile(DenseNet121.Build(CheckpointFile.Read(path).Tensors, new CidcHead(), contract).ToArray());
    }

    static bool Applies(SeverityPredictor predictor, SaliencyOptions options)
    {
        try
        {
            predictor.PrepareToExplain(options);
            return true;
        }
        catch (SeverityException e) when (e.Code == SeverityError.ModelUnsupported)
        {
            return false;
        }
    }

    static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
