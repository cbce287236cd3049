using SeverityEngine.Onnx.Schema;
using static SeverityEngine.Onnx.Schema.AttributeProto.Types;

namespace SeverityEngine.Onnx.Graphs;

/// <summary>Refuses what this library would misread: a pass that knows nothing of a subgraph would cut the values it uses.</summary>
static class GraphFeatures
{
    public static void RefuseUnsupported(ModelProto model, string source)
    {
        if (model.Functions.Count > 0)
            Fault.Invalid($"{source}: the model defines functions of its own, which are not supported");
        if (model.TrainingInfo.Count > 0)
            Fault.Invalid($"{source}: the model carries a training graph, which is not supported");
        if (model.Graph.SparseInitializer.Count > 0)
            Fault.Invalid($"{source}: the model has sparse initializers, which are not supported");
    }

    public static void RefuseUnsupported(NodeProto node, string source)
    {
        string name = $"{source}: {new OnnxNode(node)}";
        HashSet<string> seen = [];
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (!seen.Add(attribute.Name))
                Fault.Invalid($"{name}: attribute '{attribute.Name}' is given twice");
            if (attribute.HasG || attribute.Graphs.Count > 0)
                Fault.Invalid($"{name}: attribute '{attribute.Name}' is a subgraph, which is not supported");
            if (attribute.HasSparseTensor || attribute.SparseTensors.Count > 0)
                Fault.Invalid($"{name}: attribute '{attribute.Name}' is a sparse tensor, which is not supported");
            if (attribute.HasRefAttrName)
                Fault.Invalid($"{name}: attribute '{attribute.Name}' refers to a function's, but there is no function");
            if (attribute.Type == AttributeType.Tensor)
            {
                if (attribute.T is null)
                    Fault.Invalid($"{name}: attribute '{attribute.Name}' holds no tensor");
                TensorData.Normalise(attribute.T, name);
            }
        }
    }
}
