using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace SeverityEngine.Onnx;

/// <summary>The dimensions of a tensor, outermost first; none for a scalar. Compared by value.</summary>
[CollectionBuilder(typeof(OnnxShape), nameof(Create))]
public sealed class OnnxShape : IReadOnlyList<OnnxDimension>, IEquatable<OnnxShape>
{
    readonly OnnxDimension[] _dimensions;

    /// <summary>A shape of these dimensions.</summary>
    public OnnxShape(params ReadOnlySpan<OnnxDimension> dimensions) => _dimensions = dimensions.ToArray();

    /// <summary>A shape of these dimensions.</summary>
    public OnnxShape(IEnumerable<OnnxDimension> dimensions) => _dimensions = [.. dimensions];

    /// <summary>A shape of these dimensions; what a collection expression calls.</summary>
    public static OnnxShape Create(ReadOnlySpan<OnnxDimension> dimensions) => new(dimensions);

    /// <summary>A shape of fixed lengths.</summary>
    public static OnnxShape Of(params ReadOnlySpan<long> lengths)
    {
        OnnxDimension[] dimensions = new OnnxDimension[lengths.Length];
        for (int i = 0; i < lengths.Length; i++)
            dimensions[i] = lengths[i];
        return new OnnxShape(dimensions);
    }

    /// <summary>The number of dimensions.</summary>
    public int Rank => _dimensions.Length;

    /// <inheritdoc/>
    public int Count => _dimensions.Length;

    /// <inheritdoc/>
    public OnnxDimension this[int index] => _dimensions[index];

    /// <summary>Whether every length is a number.</summary>
    public bool IsFixed => _dimensions.All(d => d.IsFixed);

    /// <summary>The number of elements; null unless every length is a number.</summary>
    public long? ElementCount => IsFixed ? _dimensions.Aggregate(1L, (product, d) => checked(product * d.Length)) : null;

    /// <summary>Whether both can be the shape of one tensor.</summary>
    public bool Agrees(OnnxShape other) => Rank == other.Rank && _dimensions.Zip(other._dimensions).All(p => p.First.Agrees(p.Second));

    /// <summary>This shape with one dimension replaced.</summary>
    public OnnxShape With(int index, OnnxDimension dimension)
    {
        OnnxDimension[] changed = [.. _dimensions];
        changed[index] = dimension;
        return new OnnxShape(changed);
    }

    /// <inheritdoc/>
    public bool Equals(OnnxShape? other) => other is not null && _dimensions.AsSpan().SequenceEqual(other._dimensions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as OnnxShape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = new();
        foreach (OnnxDimension dimension in _dimensions)
            hash.Add(dimension);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public IEnumerator<OnnxDimension> GetEnumerator() => ((IEnumerable<OnnxDimension>)_dimensions).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>For example <c>[N, 1, 224, 224]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", _dimensions)}]";
}

/// <summary>One dimension of a shape: a number, a symbol such as <c>N</c> for the batch, or (the default) unknown.</summary>
public readonly record struct OnnxDimension
{
    readonly long? _length;

    /// <summary>A dimension of a known length.</summary>
    public OnnxDimension(long length) => _length = length;

    /// <summary>A dimension whose length is known at run time only; equal symbols stand for equal lengths.</summary>
    public OnnxDimension(string symbol) => Symbol = symbol;

    /// <summary>Whether the length is a number.</summary>
    public bool IsFixed => _length.HasValue;

    /// <summary>Whether neither length nor symbol is known.</summary>
    public bool IsUnknown => _length is null && Symbol is null;

    /// <summary>The length.</summary>
    /// <exception cref="InvalidOperationException">The dimension is not fixed.</exception>
    public long Length => _length ?? throw new InvalidOperationException($"dimension {this} has no fixed length");

    /// <summary>The symbol; null for a fixed or an unknown dimension.</summary>
    public string? Symbol { get; }

    /// <summary>A dimension of a known length.</summary>
    public static implicit operator OnnxDimension(long length) => new(length);

    /// <summary>A symbolic dimension.</summary>
    public static implicit operator OnnxDimension(string symbol) => new(symbol);

    /// <summary>Whether both can be the same length: false only for two different numbers.</summary>
    public bool Agrees(OnnxDimension other) => !IsFixed || !other.IsFixed || _length == other._length;

    /// <summary>The more telling of two dimensions that agree: a number before a symbol, a symbol before the unknown.</summary>
    internal OnnxDimension Merge(OnnxDimension other) =>
        IsFixed ? this : other.IsFixed ? other : Symbol is not null ? this : other;

    /// <summary>The number, the symbol, or <c>?</c>.</summary>
    public override string ToString() => _length?.ToString(CultureInfo.InvariantCulture) ?? Symbol ?? "?";
}
