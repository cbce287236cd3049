using SeverityEngine.Inference;

namespace SeverityEngine.Saliency;

/// <summary>The explainers of one model, each made when it is first asked for: predicting alone costs neither their time nor their memory.</summary>
sealed class Explainers(SeverityModel forward, ModelOrigin origin, int threads, int concurrency) : IDisposable
{
    readonly Lock _gate = new();
    readonly Explainer?[] _made = new Explainer?[4];
    bool _closed;

    public Explainer For(SaliencyOptions options)
    {
        if (options.Target is < SaliencyTarget.GeographicExtent or > SaliencyTarget.Opacity
            || options.Method is < SaliencyMethod.Gradient or > SaliencyMethod.ClassActivation)
        {
            throw new SeverityException(SeverityError.InvalidArgument,
                $"saliency of score {(int)options.Target} by method {(int)options.Method}: use the values of {nameof(SaliencyTarget)} and {nameof(SaliencyMethod)}");
        }
        ref Explainer? place = ref _made[((int)options.Target * 2) + (int)options.Method];
        if (Volatile.Read(ref place) is { } made)
            return made;
        lock (_gate)
        {
            if (_closed)
                throw new SeverityException(SeverityError.Disposed, "the predictor has been disposed; make a new one");
            if (place is null)
                Volatile.Write(ref place, Explainer.Create(forward, origin.Reopen(), options, threads, concurrency));
            return place!;
        }
    }

    /// <summary>Refuses new callers and waits for those inside. The explainers stay in their places, where late callers are told that they are closed.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            foreach (Explainer? explainer in _made)
                explainer?.Dispose();
        }
    }
}
