namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>A value of a pickle that is more than a number or a text, with the instruction that made it.</summary>
/// <remarks>None is null, True and False are <see cref="bool"/>, integers <see cref="long"/> or, beyond 64 bits,
/// <see cref="System.Numerics.BigInteger"/>, floats <see cref="double"/>, texts <see cref="string"/>.</remarks>
abstract class PickleNode(ReadContext context)
{
    /// <summary>Where in the pickle it was made.</summary>
    public long Offset { get; } = context.Offset;

    public Opcode Opcode { get; } = context.Opcode;

    /// <summary>How many containers deep it is, as far as was known when each was filled. A loop through the memo does not count on.</summary>
    public int Depth { get; private set; } = 1;

    /// <summary>Notes that <paramref name="child"/> is now inside, and refuses what nests too deep.</summary>
    public void Hold(object? child, ReadContext context)
    {
        if (child is not PickleNode node || node.Depth < Depth)
            return;
        if (node.Depth >= context.Limits.MaxNesting)
        {
            throw context.Invalid(
                $"nests deeper than {context.Limits.MaxNesting} containers", ReadContext.Raise(nameof(PickleLimits.MaxNesting)));
        }
        Depth = node.Depth + 1;
    }
}
