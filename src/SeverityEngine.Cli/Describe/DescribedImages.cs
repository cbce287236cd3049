using SeverityEngine.Quality;

namespace SeverityEngine.Cli.Describe;

/// <summary>
/// The images that a model's domain is described by, as the little that is kept of each. Of more than <see cref="Most"/> those whose
/// contents have the lowest hashes are kept: a choice by chance that the images' order does not change.
/// </summary>
sealed class DescribedImages
{
    /// <summary>More take memory and time, and make the statistics no better.</summary>
    public const int Most = 10_000;

    // The highest hash first: it is the next to go.
    readonly PriorityQueue<Described, string> _kept = new(Comparer<string>.Create((a, b) => string.CompareOrdinal(b, a)));
    readonly HashSet<string> _hashes = [];
    readonly float[] _averages = new float[Thumbnail.Length];
    readonly int _most;
    Thumbnail? _thumbnail;

    public DescribedImages(int most = Most) => _most = most;

    /// <summary>Different images that were added.</summary>
    public long Added { get; private set; }

    /// <summary>Images that were there already.</summary>
    public long Repeated { get; private set; }

    /// <summary>How many are kept.</summary>
    public int Count => _kept.Count;

    /// <summary>The images' thumbnails, as <see cref="Thumbnail.Normalize"/> leaves them.</summary>
    public IReadOnlyList<float[]> Thumbnails => [.. _kept.UnorderedItems.Select(item => item.Element.Thumbnail)];

    /// <summary>The model's features of the same images; empty for a model without.</summary>
    public IReadOnlyList<float[]> Features =>
        [.. _kept.UnorderedItems.Select(item => item.Element.Features).Where(features => features.Length > 0)];

    /// <summary>Adds an image, unless the same is there already: repeated ones would be learnt from and tried on at once.</summary>
    /// <param name="sha256">The hash of its content.</param>
    /// <param name="prediction">What the model made of it, with the network's input and its features.</param>
    public void Add(string sha256, Prediction prediction)
    {
        // Of what was let go nothing is remembered, so a repeated image may count once more.
        if (!_hashes.Add(sha256))
        {
            Repeated++;
            return;
        }
        Added++;
        _thumbnail ??= new Thumbnail(prediction.Model.InputSize);
        _thumbnail.Average(prediction.Input.Span, _averages);
        Thumbnail.Normalize(_averages);
        _kept.Enqueue(new Described([.. _averages], prediction.Features.ToArray()), sha256);
        if (_kept.Count > _most && _kept.TryDequeue(out _, out string? highest))
            _hashes.Remove(highest);
    }

    readonly record struct Described(float[] Thumbnail, float[] Features);
}
