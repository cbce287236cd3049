namespace SeverityEngine.Onnx;

/// <summary>A value that flows through a graph: its name and what is known of its type.</summary>
/// <param name="Name">Its name, unique in its graph.</param>
/// <param name="ElementType">The type of its elements; <see cref="OnnxElementType.Undefined"/> where unknown, or where it is no tensor.</param>
/// <param name="Shape">Its dimensions; null where not even their number is known.</param>
public sealed record OnnxValue(string Name, OnnxElementType ElementType = OnnxElementType.Undefined, OnnxShape? Shape = null)
{
    /// <summary>For example <c>image: Float32 [N, 1, 224, 224]</c>.</summary>
    public override string ToString() => $"{Name}: {ElementType} {Shape?.ToString() ?? "of unknown rank"}";
}
