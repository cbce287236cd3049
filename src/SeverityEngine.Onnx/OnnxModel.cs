using Google.Protobuf;
using SeverityEngine.Onnx.Graphs;
using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx;

/// <summary>
/// An ONNX model: a graph, the operator sets that it uses, functions that define operators of its own, and metadata. What a file holds
/// beyond what this class knows is kept and written again; what would be misread (subgraphs, sparse or external data) is refused.
/// </summary>
public sealed class OnnxModel
{
    /// <summary>The version of the standard operators in a new model.</summary>
    public const long DefaultOpset = 17;

    readonly ModelProto _proto;
    readonly OrderedDictionary<(string Domain, string Name, string Overload), OnnxFunction> _functions = [];

    /// <summary>A new model, with an empty graph.</summary>
    /// <param name="graphName">The graph's name.</param>
    /// <param name="opset">The version of the standard operators.</param>
    public OnnxModel(string graphName, long opset = DefaultOpset)
        : this(
            new ModelProto
            {
                IrVersion = IrVersionOf(opset),
                ProducerName = "severity-engine",
                Graph = new GraphProto { Name = graphName },
            },
            graphName) =>
        SetOpset("", opset);

    internal OnnxModel(ModelProto proto, string source)
    {
        if (proto.Graph is null)
            Fault.Invalid($"{source}: there is no graph in it; is it an ONNX model?");
        GraphFeatures.RefuseUnsupported(proto, source);
        _proto = proto;
        Graph = new OnnxGraph(proto.Graph, source);
        foreach (FunctionProto function in proto.Functions)
        {
            OnnxFunction read = new(function, source);
            if (!_functions.TryAdd(read.Key, read))
                Fault.Invalid($"{source}: two functions are named '{read.Domain}.{read.Name}'");
        }
        AddMetadata(Metadata, proto.MetadataProps, source);
    }

    /// <summary>The graph.</summary>
    public OnnxGraph Graph { get; }

    /// <summary>The operators that it defines itself, in the order of the file.</summary>
    public IReadOnlyList<OnnxFunction> Functions => _functions.Values;

    /// <summary>Metadata, in the order of the file. What its keys mean is up to those who use the model.</summary>
    public OrderedDictionary<string, string> Metadata { get; } = [];

    /// <summary>The version of the file format.</summary>
    public long IrVersion
    {
        get => _proto.IrVersion;
        set => _proto.IrVersion = value;
    }

    /// <summary>What made the model.</summary>
    public string ProducerName
    {
        get => _proto.ProducerName;
        set => _proto.ProducerName = value;
    }

    /// <summary>The version of what made the model.</summary>
    public string ProducerVersion
    {
        get => _proto.ProducerVersion;
        set => _proto.ProducerVersion = value;
    }

    /// <summary>A text about the model.</summary>
    public string Description
    {
        get => _proto.DocString;
        set => _proto.DocString = value;
    }

    /// <summary>The version of an operator domain that the model uses; null where it does not name that domain.</summary>
    /// <param name="domain">The domain; empty for the standard operators.</param>
    public long? Opset(string domain = "") => FindOpset(domain)?.Version;

    /// <summary>Uses a version of an operator domain.</summary>
    public void SetOpset(string domain, long version)
    {
        OperatorSetIdProto? found = FindOpset(domain);
        if (found is null)
            _proto.OpsetImport.Add(found = new OperatorSetIdProto { Domain = domain });
        found.Version = version;
    }

    /// <summary>The function that a node calls; null where its operator is none that the model defines.</summary>
    public OnnxFunction? FunctionOf(OnnxNode node) => _functions.GetValueOrDefault((node.Domain, node.OpType, node.Overload));

    /// <summary>Defines an operator. The file's version becomes 8 where it was older and had no functions.</summary>
    /// <exception cref="ArgumentException">The model defines the operator already.</exception>
    public void AddFunction(OnnxFunction function)
    {
        if (!_functions.TryAdd(function.Key, function))
            throw new ArgumentException($"the model has a {function} already", nameof(function));
        IrVersion = Math.Max(IrVersion, GraphFeatures.FunctionsIrVersion);
    }

    /// <summary>Drops the functions that no node calls, neither of the graph nor of a function that is called.</summary>
    /// <returns>How many were dropped.</returns>
    public int RemoveUnusedFunctions()
    {
        HashSet<OnnxFunction> used = [];
        Stack<OnnxFunction> open = [];
        Visit(Graph.Nodes);
        while (open.TryPop(out OnnxFunction? function))
            Visit(function.Proto.Node.Select(n => new OnnxNode(n)));
        OnnxFunction[] unused = [.. Functions.Where(f => !used.Contains(f))];
        foreach (OnnxFunction function in unused)
            _functions.Remove(function.Key);
        return unused.Length;

        void Visit(IEnumerable<OnnxNode> nodes)
        {
            foreach (OnnxNode node in nodes)
            {
                if (FunctionOf(node) is { } function && used.Add(function))
                    open.Push(function);
            }
        }
    }

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="bytes">All of the file.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: the bytes are damaged, or use what is not supported.</exception>
    public static OnnxModel Parse(ReadOnlySpan<byte> bytes, string source = "the model") => new(ParseProto(bytes, source), source);

    /// <summary>
    /// Reads a file's metadata alone, in a time that does not depend on its graph, which need not even be one that <see cref="Parse"/>
    /// takes.
    /// </summary>
    /// <param name="bytes">All of the file.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: the bytes are damaged, or a key is given twice.</exception>
    public static OrderedDictionary<string, string> ReadMetadata(ReadOnlySpan<byte> bytes, string source = "the model")
    {
        MetadataProto proto;
        try
        {
            proto = MetadataProto.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw NotAModel(source, e);
        }
        OrderedDictionary<string, string> metadata = [];
        AddMetadata(metadata, proto.MetadataProps, source);
        return metadata;
    }

    /// <summary>
    /// Refuses a file that keeps values of its graph or its functions in other files; beyond that it need not be one that
    /// <see cref="Parse"/> takes.
    /// </summary>
    /// <param name="bytes">All of the file.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: it does, or the bytes are damaged.</exception>
    public static void RequireOneFile(ReadOnlySpan<byte> bytes, string source = "the model")
    {
        ModelProto proto = ParseProto(bytes, source);
        IEnumerable<NodeProto> nodes = (proto.Graph?.Node ?? []).Concat(proto.Functions.SelectMany(f => f.Node));
        IEnumerable<TensorProto> tensors = nodes.SelectMany(n => n.Attribute)
            .Concat(proto.Functions.SelectMany(f => f.AttributeProto)).Select(a => a.T).OfType<TensorProto>();
        foreach (TensorProto tensor in tensors.Concat(proto.Graph?.Initializer ?? []))
            TensorData.RefuseElsewhere(tensor, source);
    }

    internal static ModelProto ParseProto(ReadOnlySpan<byte> bytes, string source)
    {
        if (bytes.IsEmpty)
            Fault.Invalid($"{source}: the file is empty");
        if (!PartCount.IsWithinLimit(bytes))
            Fault.Invalid($"{source}: the model has more than {PartCount.Limit} parts, which no network needs");
        try
        {
            return ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw NotAModel(source, e);
        }
    }

    /// <summary>The model as a file's bytes. Equal models give equal bytes.</summary>
    /// <exception cref="OnnxException"><see cref="OnnxFault.Invalid"/>: the model is larger than an ONNX file can be, 2 GiB.</exception>
    public byte[] ToArray()
    {
        ModelProto proto = ToProto();
        long size = proto.Graph.Initializer.Sum(t => (long)t.RawData.Length)
            + proto.Graph.Node.Concat(proto.Functions.SelectMany(f => f.Node)).SelectMany(n => n.Attribute).Sum(
                a => (long)(a.T?.RawData.Length ?? 0));
        if (size > int.MaxValue - (64 << 20)) // room for what is not a constant, so that protobuf's own sums cannot overflow
            Fault.Invalid($"the model's constants are {size} bytes; an ONNX file can hold 2 GiB");
        return proto.ToByteArray();
    }

    /// <summary>An independent copy; the constants' memory, which never changes, is shared.</summary>
    public OnnxModel Clone() => new(ToProto().Clone(), Graph.Name);

    /// <summary>The format version that came with an operator set, but 8 at least: what is written here needs no older reader.</summary>
    static long IrVersionOf(long opset) => opset switch { <= 18 => 8, <= 20 => 9, _ => 10 };

    /// <summary>The versions of all operator domains that the model uses.</summary>
    internal OrderedDictionary<string, long> Opsets()
    {
        OrderedDictionary<string, long> opsets = [];
        foreach (OperatorSetIdProto opset in _proto.OpsetImport)
            opsets.TryAdd(GraphFeatures.DomainOf(opset.Domain), opset.Version);
        return opsets;
    }

    /// <summary>Uses these versions of operator domains, and no others.</summary>
    internal void SetOpsets(IEnumerable<KeyValuePair<string, long>> opsets)
    {
        _proto.OpsetImport.Clear();
        _proto.OpsetImport.AddRange(opsets.Select(o => new OperatorSetIdProto { Domain = o.Key, Version = o.Value }));
    }

    static void AddMetadata(OrderedDictionary<string, string> metadata, IEnumerable<StringStringEntryProto> entries, string source)
    {
        foreach (StringStringEntryProto entry in entries)
        {
            if (!metadata.TryAdd(entry.Key, entry.Value))
                Fault.Invalid($"{source}: the metadata key '{entry.Key}' is given twice");
        }
    }

    static OnnxException NotAModel(string source, InvalidProtocolBufferException e) =>
        Fault.Of($"{source}: not an ONNX model, or a damaged one; check the file", e);

    OperatorSetIdProto? FindOpset(string domain) =>
        _proto.OpsetImport.FirstOrDefault(o => GraphFeatures.DomainOf(o.Domain) == domain);

    ModelProto ToProto()
    {
        _proto.Graph = Graph.ToProto();
        _proto.Functions.Clear();
        _proto.Functions.AddRange(Functions.Select(f => f.Proto));
        _proto.MetadataProps.Clear();
        _proto.MetadataProps.AddRange(Metadata.Select(m => new StringStringEntryProto { Key = m.Key, Value = m.Value }));
        return _proto;
    }
}
