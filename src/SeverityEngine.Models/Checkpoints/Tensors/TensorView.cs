using System.Buffers;
using System.Runtime.InteropServices;
using SeverityEngine.Models.Checkpoints.Pickle;

namespace SeverityEngine.Models.Checkpoints.Tensors;

/// <summary>
/// Where a tensor's values stand in a storage: an offset, sizes and strides, all in elements, held against the storage's bytes.
/// </summary>
sealed class TensorView
{
    // PyTorch itself stops at 64 dimensions.
    const int MaxRank = 64;

    readonly ReadContext _context;
    readonly ReadOnlyMemory<byte> _storage;
    readonly ElementType _type;
    readonly bool _bigEndian;
    readonly int _offset;
    readonly int _count;
    readonly int[] _strides;

    /// <param name="storage">The storage's bytes.</param>
    /// <param name="type">What they hold.</param>
    /// <param name="bigEndian">Whether the high byte comes first.</param>
    /// <param name="offset">The first element.</param>
    /// <param name="sizes">The dimensions.</param>
    /// <param name="strides">For each dimension the step from one element to the next.</param>
    /// <param name="context">Limits and messages.</param>
    public TensorView(
        ReadOnlyMemory<byte> storage,
        ElementType type,
        bool bigEndian,
        long offset,
        ReadOnlySpan<long> sizes,
        ReadOnlySpan<long> strides,
        ReadContext context)
    {
        if (sizes.Length > MaxRank)
            throw context.Invalid($"has a tensor of {sizes.Length} dimensions; {MaxRank} is the most there can be");
        if (sizes.Length != strides.Length)
            throw context.Invalid($"has a tensor of {sizes.Length} dimensions with {strides.Length} strides");
        (_context, _storage, _type, _bigEndian) = (context, storage, type, bigEndian);
        long elements = storage.Length / ElementReader.Size(type);
        long count = 1;
        Int128 last = offset;
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] < 0 || strides[i] < 0)
                throw context.Invalid(
                    $"has a tensor with size {sizes[i]} and stride {strides[i]} in dimension {i}; neither can be negative");
            // Sizes of 0 are looked for afterwards: a product that is too large is refused even where one of them is 0.
            Int128 product = (Int128)count * Math.Max(sizes[i], 1);
            if (product > Array.MaxLength / sizeof(float))
                throw context.Invalid("has a tensor of more elements than fit an array");
            count = (long)product;
            last += (Int128)Math.Max(sizes[i] - 1, 0) * strides[i];
        }
        if (sizes.Contains(0))
            count = 0;
        else if (offset < 0 || last >= elements)
            throw context.Invalid($"has a tensor from element {offset} to {last} of a storage of {elements}");
        context.Charge(2L * ReadContext.NodeCost + (long)sizes.Length * (sizeof(int) + sizeof(int)));
        _offset = count == 0 ? 0 : (int)offset;
        _count = (int)count;
        Shape = new int[sizes.Length];
        _strides = new int[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] > int.MaxValue)
                throw context.Invalid($"has a tensor with {sizes[i]} elements in dimension {i}");
            Shape[i] = (int)sizes[i];
            // A stride that is never stepped can be anything.
            _strides[i] = count > 0 && sizes[i] > 1 ? (int)strides[i] : 0;
        }
    }

    public int[] Shape { get; }

    /// <summary>The strides of a tensor without gaps in C order.</summary>
    public static long[] ContiguousStrides(ReadOnlySpan<long> sizes)
    {
        long[] strides = new long[sizes.Length];
        long step = 1;
        for (int i = sizes.Length - 1; i >= 0; i--)
        {
            strides[i] = step;
            // The product is held against the storage afterwards; here it only must not turn into something small.
            step = (long)Int128.Min((Int128)step * Math.Max(sizes[i], 1), long.MaxValue);
        }
        return strides;
    }

    /// <summary>The values in C order: a view of the storage where it holds them just so, else a copy.</summary>
    public ReadOnlyMemory<float> ToFloats()
    {
        if (_count == 0)
            return default;
        int size = ElementReader.Size(_type);
        bool plain = IsContiguous() && _type == ElementType.Float32 && _bigEndian == !BitConverter.IsLittleEndian;
        ReadOnlyMemory<byte> bytes = _storage[(_offset * size)..];
        if (plain && FloatView.TryCreate(bytes[..(_count * size)], _context, out ReadOnlyMemory<float> view))
            return view;
        _context.Charge(ReadContext.NodeCost + (long)sizeof(float) * _count);
        float[] values = GC.AllocateUninitializedArray<float>(_count);
        if (plain)
            bytes.Span[..(_count * size)].CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        else
            Gather(bytes.Span, values);
        return values;
    }

    bool IsContiguous()
    {
        long step = 1;
        for (int i = Shape.Length - 1; i >= 0; i--)
        {
            if (Shape[i] > 1 && _strides[i] != step)
                return false;
            step *= Shape[i];
        }
        return true;
    }

    void Gather(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        ElementReader reader = new(_type, _bigEndian);
        Span<int> index = stackalloc int[MaxRank];
        index.Clear();
        int inner = Shape.Length - 1;
        int innerSize = inner < 0 ? 1 : Shape[inner];
        int innerStride = inner < 0 ? 0 : _strides[inner];
        int element = 0;
        for (int filled = 0; filled < values.Length; filled += innerSize)
        {
            for (int i = 0; i < innerSize; i++)
                values[filled + i] = reader.Read(bytes, element + i * innerStride);
            for (int d = inner - 1; d >= 0; d--)
            {
                element += _strides[d];
                if (++index[d] < Shape[d])
                    break;
                element -= _strides[d] * Shape[d];
                index[d] = 0;
            }
        }
    }
}

/// <summary>Bytes of the file seen as float32, so that weights which stand there as they are needed are not copied.</summary>
sealed class FloatView : MemoryManager<float>
{
    readonly ReadOnlyMemory<byte> _bytes;

    FloatView(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>Fails where the bytes do not lie as float32 must: PyTorch's zip files align them, the legacy format does not.</summary>
    public static bool TryCreate(ReadOnlyMemory<byte> bytes, ReadContext context, out ReadOnlyMemory<float> view)
    {
        // An array's first byte is aligned to a pointer, and stays so when the collector moves it.
        bool aligned = MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment) && segment.Offset % sizeof(float) == 0;
        if (aligned)
            context.Charge(ReadContext.NodeCost);
        view = aligned ? new FloatView(bytes).Memory : default;
        return aligned;
    }

    // What is handed out is read-only memory; the span underneath is never written through.
    public override Span<float> GetSpan() => MemoryMarshal.Cast<byte, float>(MemoryMarshal.AsMemory(_bytes).Span);

    public override MemoryHandle Pin(int elementIndex = 0) => _bytes[(elementIndex * sizeof(float))..].Pin();

    public override void Unpin()
    {
        // The handle that Pin gives unpins the array itself.
    }

    protected override void Dispose(bool disposing)
    {
        // The bytes belong to the checkpoint.
    }
}
