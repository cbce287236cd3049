namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>What a call or a construction in the pickle would have made: the callee's name and what it was given, as inert data.</summary>
sealed class PickleObject : PickleNode
{
    public PickleObject(PickleGlobal type, PickleTuple args, ReadContext context) : base(context)
    {
        context.Charge(ReadContext.NodeCost);
        Class = type;
        Args = args;
        Hold(args, context);
    }

    public PickleGlobal Class { get; }

    public PickleTuple Args { get; }

    /// <summary>What it was built from afterwards; null where it was not.</summary>
    public object? State { get; private set; }

    /// <summary>The object's attributes: the dict in its state, which may stand in a pair with that of its slots.</summary>
    public PickleDict? Attributes => State as PickleDict ?? (State is PickleTuple { Count: 2 } pair ? pair[0] as PickleDict : null);

    public void Build(object? state, ReadContext context)
    {
        Hold(state, context);
        State = state;
    }
}
