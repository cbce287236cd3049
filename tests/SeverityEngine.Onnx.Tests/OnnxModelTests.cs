using Google.Protobuf;
using SeverityEngine.Onnx.Schema;
using SeverityEngine.Tests;

namespace SeverityEngine.Onnx.Tests;

public class OnnxModelTests
{
    static string DefaultModel => Path.Combine(TestData.RepositoryRoot, "models", "severity-compact.onnx");

    [Fact]
    public void A_file_that_pytorch_wrote_is_written_again_byte_for_byte() =>
        Assert.Equal(File.ReadAllBytes(DefaultModel), OnnxModel.Parse(File.ReadAllBytes(DefaultModel)).ToArray());

    [Fact]
    public void A_file_that_pytorch_wrote_is_sound_and_its_shapes_are_found()
    {
        OnnxModel model = OnnxModel.Parse(File.ReadAllBytes(DefaultModel));
        GraphChecker.Check(model);
        IReadOnlyDictionary<string, OnnxValue> values = ShapeInference.Infer(model.Graph);
        Assert.Equal(13, model.Opset());
        Assert.Equal([1, 224, 224], values["image"].Shape!.Skip(1).Select(d => d.Length));
        Assert.Equal([384], values["features"].Shape!.Skip(1).Select(d => d.Length));
        Assert.All(model.Graph.Nodes, n => Assert.NotNull(values[n.Outputs[0]].Shape));
    }

    [Fact]
    public void What_is_built_comes_back_from_its_bytes()
    {
        OnnxModel built = Graphs.Network();
        built.Metadata["key"] = "value";
        built.Description = "a test";
        OnnxModel read = OnnxModel.Parse(built.ToArray());
        Assert.Equal("value", read.Metadata["key"]);
        Assert.Equal("a test", read.Description);
        Assert.Equal(built.Graph.Nodes.Select(n => n.ToString()), read.Graph.Nodes.Select(n => n.ToString()));
        Assert.Equal(built.Graph.Inputs, read.Graph.Inputs);
        Assert.Equal(built.Graph.Outputs, read.Graph.Outputs);
        Assert.Equal(Graphs.Ramp(36), read.Graph.Initializers["conv.weight"].Values<float>().ToArray());
        Assert.Equal([2, 2], read.Graph.Nodes[0].Attributes.GetInts("strides")!);
    }

    [Fact]
    public void Metadata_are_read_alone_in_the_order_of_the_file_whatever_the_graph_is()
    {
        OnnxModel model = Graphs.Network();
        for (int i = 0; i < 30; i++)
            model.Metadata[$"key{i * 7 % 30}"] = $"value {i} ö";
        Assert.Equal(model.Metadata, OnnxModel.ReadMetadata(model.ToArray()));
        Assert.Empty(OnnxModel.ReadMetadata(Graphs.Network().ToArray()));

        // Another file's graph, which is no graph, before the metadata.
        ModelProto bare = ModelProto.Parser.ParseFrom(model.ToArray());
        bare.Graph = null;
        byte[] bytes = [0x3a, 3, 0xff, 0xff, 0xff, .. bare.ToByteArray()];
        Assert.Equal(model.Metadata, OnnxModel.ReadMetadata(bytes));
        bare.MetadataProps.Add(new StringStringEntryProto { Key = "key3", Value = "again" });
        OnnxException fault = Assert.Throws<OnnxException>(() => OnnxModel.ReadMetadata(bare.ToByteArray(), "m.onnx"));
        Assert.Equal("m.onnx: the metadata key 'key3' is given twice", fault.Message);
        fault = Assert.Throws<OnnxException>(() => OnnxModel.ReadMetadata(bytes.AsSpan(0, bytes.Length - 1)));
        Assert.Equal(OnnxFault.Invalid, fault.Fault);
    }

    [Fact]
    public void Equal_models_give_equal_bytes()
    {
        byte[] first = Graphs.Network().ToArray();
        Assert.Equal(first, Graphs.Network().ToArray());
        Assert.Equal(first, OnnxModel.Parse(first).ToArray());
        Assert.Equal(first, Graphs.Network().Clone().ToArray());
    }

    [Fact]
    public void A_copy_changes_by_itself()
    {
        OnnxModel model = Graphs.Network();
        byte[] before = model.ToArray();
        OnnxModel copy = model.Clone();
        copy.Graph.Nodes[0].Attributes.Set("strides", [1, 1]);
        copy.Graph.Remove(copy.Graph.Nodes[^1]);
        copy.Metadata["key"] = "value";
        Assert.Equal(before, model.ToArray());
    }

    [Fact]
    public void Fields_that_are_not_known_are_kept()
    {
        // Field 26, length-delimited: a newer version's device configurations.
        byte[] bytes = [.. Graphs.Network().ToArray(), 0xd2, 0x01, 0x03, 1, 2, 3];
        OnnxModel model = OnnxModel.Parse(bytes);
        model.IrVersion = 9;
        Assert.Equal([0xd2, 0x01, 0x03, 1, 2, 3], model.ToArray()[^6..]);
    }

    [Fact]
    public void Documentation_of_nodes_is_kept()
    {
        ModelProto proto = ModelProto.Parser.ParseFrom(Graphs.Network().ToArray());
        proto.Graph.Node[0].DocString = "why";
        Assert.Contains(
            "why", System.Text.Encoding.Latin1.GetString(OnnxModel.Parse(proto.ToByteArray()).ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void What_would_be_misread_is_refused(string expected, Action<object> change)
    {
        ModelProto proto = ModelProto.Parser.ParseFrom(Graphs.Network().ToArray());
        change(proto);
        OnnxException fault = Assert.Throws<OnnxException>(() => OnnxModel.Parse(proto.ToByteArray(), "some.onnx"));
        Assert.Equal(OnnxFault.Invalid, fault.Fault);
        Assert.StartsWith("some.onnx: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    public static IEnumerable<TheoryDataRow<string, Action<object>>> Unsupported()
    {
        yield return Row("IR version 7, which has none", m => { m.Functions.Add(Function()); m.IrVersion = 7; });
        yield return Row("two functions are named 'test.F'", m => m.Functions.Add([Function(), Function()]));
        yield return Row("function 'test.' has no name", m => m.Functions.Add(Function(f => f.Name = "")));
        yield return Row("the place of a standard operator", m => m.Functions.Add(Function(f => f.Domain = "ai.onnx")));
        yield return Row("two inputs named 'x'", m => m.Functions.Add(Function(f => f.Input.Add("x"))));
        yield return Row("the attribute 'a' twice", m => m.Functions.Add(Function(f => f.Attribute.Add(["a", "a"]))));
        yield return Row("function 'test.F': Relu node 'n' is of domain '', which the function does not import",
            m => m.Functions.Add(Function(f => f.OpsetImport.Clear())));
        yield return Row(
            "Relu node 'n' reads 'z', which nothing before it makes", m => m.Functions.Add(Function(f => f.Node[0].Input[0] = "z")));
        yield return Row("Relu node 'n' makes 'x', which is made already", m => m.Functions.Add(Function(f => f.Node[0].Output[0] = "x")));
        yield return Row("output 'z' is made by no node", m => m.Functions.Add(Function(f => f.Output[0] = "z")));
        yield return Row("Relu node 'n': attribute 'body' is a subgraph",
            m => m.Functions.Add(Function(f => f.Node[0].Attribute.Add(new AttributeProto { Name = "body", G = ByteString.Empty }))));
        yield return Row("attribute 'body' is a subgraph",
            m => m.Functions.Add(Function(f => f.AttributeProto.Add(new AttributeProto { Name = "body", G = ByteString.Empty }))));
        yield return Row("refers to 'b', which the function does not have",
            m => m.Functions.Add(Function(f => f.Node[0].Attribute.Add(new AttributeProto { Name = "a", RefAttrName = "b" }))));
        yield return Row(
            "but there is no function", m => m.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "a", RefAttrName = "b" }));
        yield return Row("training", m => m.TrainingInfo.Add(ByteString.CopyFromUtf8("x")));
        yield return Row("sparse", m => m.Graph.SparseInitializer.Add(ByteString.CopyFromUtf8("x")));
        yield return Row("another file", m => m.Graph.Initializer[0].DataLocation = TensorProto.Types.DataLocation.External);
        yield return Row("another file",
            m => m.Graph.Initializer[0].ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "/etc/passwd" }));
        yield return Row("subgraph", m => m.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "body", G = ByteString.Empty }));
        yield return Row("given twice", m => m.Graph.Node[0].Attribute.Add(m.Graph.Node[0].Attribute[0].Clone()));
        yield return Row("two initializers", m => m.Graph.Initializer.Add(m.Graph.Initializer[0].Clone()));
        yield return Row("metadata key", m => m.MetadataProps.Add([new() { Key = "k" }, new() { Key = "k" }]));
        yield return Row("no graph", m => m.Graph = null);

        static TheoryDataRow<string, Action<object>> Row(string expected, Action<ModelProto> change) =>
            new(expected, m => change((ModelProto)m));

        static FunctionProto Function(Action<FunctionProto>? change = null)
        {
            FunctionProto function = new() { Domain = "test", Name = "F", Input = { "x" }, Output = { "y" } };
            function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
            function.Node.Add(new NodeProto { OpType = "Relu", Name = "n", Input = { "x" }, Output = { "y" } });
            change?.Invoke(function);
            return function;
        }
    }
}
