namespace SeverityEngine.Onnx.Graphs;

/// <summary>The values of Constant nodes, in whichever of their forms.</summary>
static class Constants
{
    /// <summary>What a Constant node makes; null for text.</summary>
    public static OnnxTensor? ConstantValue(this OnnxNode node)
    {
        OnnxAttributes attributes = node.Attributes;
        if (attributes.GetTensor("value") is { } tensor)
            return tensor;
        if (attributes.GetFloat("value_float") is { } number)
            return OnnxTensor.Scalar("", number);
        if (attributes.GetInt("value_int") is { } whole)
            return OnnxTensor.Scalar("", whole);
        if (attributes.GetFloats("value_floats") is { } numbers)
            return OnnxTensor.Vector<float>("", numbers);
        if (attributes.GetInts("value_ints") is { } wholes)
            return OnnxTensor.Vector<long>("", wholes);
        return null;
    }
}
