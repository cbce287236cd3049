namespace SeverityEngine.Models.Checkpoints.Pickle;

/// <summary>The name of a class or function. It is a name and nothing else: it is never resolved to code.</summary>
sealed class PickleGlobal : PickleNode
{
    public PickleGlobal(string module, string name, ReadContext context) : base(context)
    {
        context.Charge(ReadContext.NodeCost + 2L * (module.Length + name.Length));
        FullName = $"{module}.{name}";
    }

    /// <summary>Module and name, for example <c>collections.OrderedDict</c>.</summary>
    public string FullName { get; }
}
