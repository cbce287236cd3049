using SeverityEngine.Phantoms;

namespace SeverityEngine.Comparison;

/// <summary>This engine, with its own operators: the time of the network alone, as its scores tell it.</summary>
sealed class EnginePeer : IPeer
{
    readonly SeverityPredictor _predictor;
    readonly XRayImage[] _images;
    readonly SeverityScore[] _scores;

    public EnginePeer(string name, string path, int batch, int threads)
    {
        Name = name;
        _predictor = SeverityPredictor.Create(new PredictorOptions { Model = ModelFile.Load(path), Threads = threads, MaxConcurrency = 1 });
        _images = [.. Enumerable.Range(0, batch).Select(i => new ChestPhantom { Seed = i, Width = 256, Height = 256 }.Render())];
        _scores = new SeverityScore[batch];
    }

    public string Name { get; }

    public double Run()
    {
        _predictor.Predict(_images, _scores);
        return _scores.Sum(s => s.Timings.Infer.TotalMilliseconds);
    }

    public void Dispose()
    {
        foreach (XRayImage image in _images)
            image.Dispose();
        _predictor.Dispose();
    }
}
