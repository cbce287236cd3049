using System.Buffers;
using System.Runtime.InteropServices;
using SeverityEngine.Models.Checkpoints.Pickle;

namespace SeverityEngine.Models.Checkpoints.Tensors;

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
