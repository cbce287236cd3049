namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>A byte string: a view of the file where it stands there as it is.</summary>
sealed class PickleBytes : PickleNode
{
    public PickleBytes(ReadOnlyMemory<byte> bytes, ReadContext context) : base(context)
    {
        context.Charge(ReadContext.NodeCost);
        Bytes = bytes;
    }

    public ReadOnlyMemory<byte> Bytes { get; }
}
