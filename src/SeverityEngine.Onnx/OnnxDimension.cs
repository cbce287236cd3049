using System.Globalization;

namespace SeverityEngine.Onnx;

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
