using System.Collections;
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
