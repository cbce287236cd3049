using SeverityEngine.Onnx.Graphs;
using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx;

/// <summary>
/// One operation of a graph: it reads the values named by <see cref="Inputs"/> and makes those named by <see cref="Outputs"/>.
/// </summary>
public sealed class OnnxNode
{
    /// <summary>A node that stands in no graph yet.</summary>
    /// <param name="opType">The operator, for example <c>Conv</c>.</param>
    /// <param name="name">Its name, unique in its graph.</param>
    /// <param name="inputs">The values that it reads; an empty name leaves an optional input out.</param>
    /// <param name="outputs">The values that it makes.</param>
    /// <param name="domain">The operator's domain; empty for the standard operators.</param>
    public OnnxNode(string opType, string name, IEnumerable<string> inputs, IEnumerable<string> outputs, string domain = "")
    {
        Proto = new NodeProto { OpType = opType, Name = name };
        if (domain.Length > 0)
            Proto.Domain = domain;
        Proto.Input.AddRange(inputs);
        Proto.Output.AddRange(outputs);
        Attributes = new OnnxAttributes(this);
    }

    internal OnnxNode(NodeProto proto)
    {
        Proto = proto;
        Attributes = new OnnxAttributes(this);
    }

    internal NodeProto Proto { get; }

    internal OnnxGraph? Graph { get; set; }

    /// <summary>Its name; may be empty in a file from elsewhere.</summary>
    public string Name => Proto.Name;

    /// <summary>What names of other nodes and values are made from: its name, or where it has none what it makes first.</summary>
    internal string NameOrOutput => Name.Length > 0 ? Name : Outputs[0];

    /// <summary>The operator.</summary>
    public string OpType => Proto.OpType;

    /// <summary>The operator's domain; empty for the standard operators, whichever of their two names the file uses.</summary>
    public string Domain => GraphFeatures.DomainOf(Proto.Domain);

    /// <summary>What a call of a model's function needs beside domain and operator where there are several of them; mostly empty.</summary>
    public string Overload => Proto.Overload;

    /// <summary>The values that it reads; an empty name stands for an optional input left out.</summary>
    public IReadOnlyList<string> Inputs => Proto.Input;

    /// <summary>The values that it makes; an empty name stands for an optional output left out.</summary>
    public IReadOnlyList<string> Outputs => Proto.Output;

    /// <summary>Its attributes.</summary>
    public OnnxAttributes Attributes { get; }

    /// <summary>Whether it is this standard operator.</summary>
    public bool Is(string opType) => OpType == opType && Domain.Length == 0;

    /// <summary>The value at an input; null where it is left out.</summary>
    public string? Input(int index) => index < Inputs.Count && Inputs[index].Length > 0 ? Inputs[index] : null;

    /// <summary>Reads another value at an input; inputs before it that were left out stay so.</summary>
    public void SetInput(int index, string value)
    {
        while (Proto.Input.Count <= index)
            Proto.Input.Add("");
        Proto.Input[index] = value;
        Graph?.Changed();
    }

    /// <summary>Reads these values.</summary>
    public void SetInputs(params ReadOnlySpan<string> values)
    {
        Proto.Input.Clear();
        Proto.Input.AddRange(values.ToArray());
        Graph?.Changed();
    }

    /// <summary>Gives the value that it makes at an output another name.</summary>
    public void SetOutput(int index, string value)
    {
        Proto.Output[index] = value;
        Graph?.Changed(value);
    }

    /// <summary>For example <c>Conv node 'features.conv0'</c>; the first output stands in where it has no name.</summary>
    public override string ToString() =>
        Name.Length > 0 ? $"{OpType} node '{Name}'" : $"{OpType} node that makes '{(Outputs.Count > 0 ? Outputs[0] : "")}'";
}
