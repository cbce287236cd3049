namespace SeverityEngine.Onnx.Tests;

static class NodeExtensions
{
    public static OnnxNode With(this OnnxNode node, string name, long value)
    {
        node.Attributes.Set(name, value);
        return node;
    }

    public static OnnxNode With(this OnnxNode node, string name, float value)
    {
        node.Attributes.Set(name, value);
        return node;
    }

    public static OnnxNode With(this OnnxNode node, string name, string value)
    {
        node.Attributes.Set(name, value);
        return node;
    }

    public static OnnxNode With(this OnnxNode node, string name, long[] values)
    {
        node.Attributes.Set(name, values);
        return node;
    }
}
