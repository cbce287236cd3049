using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx;

/// <summary>
/// Writes graphs in the graph's own words: each method adds one node and gives the name of the value it makes, which is also the node's.
/// Names that are not given follow from the operator (<c>relu</c>, <c>relu_2</c>), so the same calls give the same bytes.
/// </summary>
/// <remarks>
/// On an existing model it adds at the graph's end; <see cref="OnnxGraph.SortTopologically"/> brings nodes into order where earlier
/// ones were made to read the new values.
/// </remarks>
public sealed partial class GraphBuilder
{
    /// <summary>A builder of a new model.</summary>
    public GraphBuilder(string graphName, long opset = OnnxModel.DefaultOpset)
        : this(new OnnxModel(graphName, opset))
    {
    }

    /// <summary>A builder that adds to a model.</summary>
    public GraphBuilder(OnnxModel model) => Model = model;

    /// <summary>The model being built.</summary>
    public OnnxModel Model { get; }

    /// <summary>The graph being built.</summary>
    public OnnxGraph Graph => Model.Graph;

    /// <summary>Adds an input.</summary>
    public string Input(string name, OnnxElementType type, OnnxShape shape)
    {
        Graph.AddInput(new OnnxValue(name, type, shape));
        return name;
    }

    /// <summary>Adds a constant, under a fresh name if its own is taken.</summary>
    public string Constant(OnnxTensor tensor)
    {
        string name = Graph.FreshName(tensor.Name.Length > 0 ? tensor.Name : "constant");
        return Graph.SetInitializer(name == tensor.Name ? tensor : tensor.Named(name));
    }

    /// <summary>Adds a constant.</summary>
    public string Constant<T>(string name, ReadOnlySpan<long> dimensions, ReadOnlySpan<T> values) where T : unmanaged =>
        Constant(OnnxTensor.Create(name, dimensions, values));

    /// <summary>Adds a constant vector.</summary>
    public string Vector<T>(string name, params ReadOnlySpan<T> values) where T : unmanaged => Constant(OnnxTensor.Vector(name, values));

    /// <summary>Adds a constant number.</summary>
    public string Scalar<T>(string name, T value) where T : unmanaged => Constant(OnnxTensor.Scalar(name, value));

    /// <summary>Makes a value an output of the graph.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">The type of its elements.</param>
    /// <param name="shape">Its shape; <see cref="Build"/> checks it against what the nodes make.</param>
    public void Output(string value, OnnxElementType type, OnnxShape shape) => Graph.AddOutput(new OnnxValue(value, type, shape));

    /// <summary>The finished model, checked.</summary>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>, as <see cref="GraphChecker.Check"/> raises it.</exception>
    public OnnxModel Build()
    {
        GraphChecker.Check(Model);
        return Model;
    }

    /// <summary>Adds a node with one output.</summary>
    /// <param name="opType">The operator.</param>
    /// <param name="inputs">What it reads; null for an optional input left out.</param>
    /// <param name="name">Its name; null for one after the operator.</param>
    /// <param name="domain">The operator's domain; empty for the standard operators.</param>
    public OnnxNode Node(string opType, ReadOnlySpan<string?> inputs, string? name = null, string domain = "")
    {
        int given = inputs.Length;
        while (given > 0 && inputs[given - 1] is null)
            given--;
        string[] names = new string[given];
        for (int i = 0; i < given; i++)
            names[i] = inputs[i] ?? "";
        string fresh = Graph.FreshName(name ?? char.ToLowerInvariant(opType[0]) + opType[1..]);
        return Graph.Add(new OnnxNode(opType, fresh, names, [fresh], domain));
    }

    string One(string opType, string? name, params ReadOnlySpan<string?> inputs) => Node(opType, inputs, name).Outputs[0];

    void NeedOpset(long opset, string opType)
    {
        if (Model.Opset() < opset)
            Fault.Invalid($"{opType} is written as of version {opset} of the standard operators, but the model uses {Model.Opset()}");
    }
}
