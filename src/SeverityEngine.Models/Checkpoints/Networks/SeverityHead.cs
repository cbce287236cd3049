using SeverityEngine.Onnx;

namespace SeverityEngine.Models.Checkpoints.Networks;

/// <summary>What turns a network's logits or features into the two scores. It becomes part of the graph.</summary>
public abstract class SeverityHead
{
    private protected SeverityHead()
    {
    }

    /// <summary>Adds the nodes that make <c>geographic_extent</c> and <c>opacity</c>, each <c>[N, 1]</c> and raw.</summary>
    /// <param name="builder">The graph so far.</param>
    /// <param name="features">The pooled features, <c>[N, C]</c>.</param>
    /// <param name="featureCount">C.</param>
    /// <param name="logits">The logits, <c>[N, L]</c>.</param>
    /// <param name="labels">What the logits stand for.</param>
    internal abstract void AddTo(GraphBuilder builder, string features, int featureCount, string logits, IReadOnlyList<string> labels);
}
