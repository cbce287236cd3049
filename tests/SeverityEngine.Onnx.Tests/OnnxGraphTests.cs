using Google.Protobuf;
using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Tests;

public class OnnxGraphTests
{
    [Fact]
    public void Producers_and_consumers_follow_every_change()
    {
        OnnxGraph graph = Chain("a", "b", "c");
        OnnxNode a = graph.Nodes[0], b = graph.Nodes[1], c = graph.Nodes[2];
        Assert.Same(a, graph.Producer("a"));
        Assert.Equal([b], graph.Consumers("a"));
        Assert.Null(graph.Producer("x"));

        c.SetInput(0, "a");
        Assert.Equal([b, c], graph.Consumers("a"));
        Assert.Empty(graph.Consumers("b"));

        graph.Remove(b);
        Assert.Equal([c], graph.Consumers("a"));
        Assert.Null(graph.Producer("b"));

        a.SetOutput(0, "a2");
        Assert.Null(graph.Producer("a"));
        Assert.Same(a, graph.Producer("a2"));
    }

    [Fact]
    public void A_node_that_reads_a_value_twice_is_one_consumer()
    {
        OnnxGraph graph = Chain("a", "b");
        graph.Nodes[1].SetInputs("a", "a");
        Assert.Equal([graph.Nodes[1]], graph.Consumers("a"));
        graph.ReplaceUses("a", "x");
        Assert.Equal(["x", "x"], graph.Nodes[1].Inputs);
    }

    [Fact]
    public void The_only_consumer_of_an_output_is_not_alone()
    {
        OnnxGraph graph = Chain("a", "b");
        Assert.True(graph.TryGetOnlyConsumer("a", out OnnxNode? consumer));
        Assert.Same(graph.Nodes[1], consumer);
        graph.AddOutput(new OnnxValue("a"));
        Assert.False(graph.TryGetOnlyConsumer("a", out _));
        Assert.False(graph.TryGetOnlyConsumer("b", out _));
    }

    [Fact]
    public void Nodes_are_sorted_so_that_each_stands_after_what_it_reads()
    {
        OnnxGraph graph = Chain("a", "b", "c", "d");
        OnnxNode b = graph.Nodes[1];
        graph.Remove(b);
        graph.Add(b);
        graph.SortTopologically();
        Assert.Equal(["a", "b", "c", "d"], graph.Nodes.Select(n => n.Name));
    }

    [Fact]
    public void Sorting_leaves_a_sorted_graph_as_it_is()
    {
        OnnxGraph graph = Graphs.Network().Graph;
        OnnxNode[] before = [.. graph.Nodes];
        graph.SortTopologically();
        Assert.Equal(before, graph.Nodes);
    }

    [Fact]
    public void A_cycle_is_named()
    {
        OnnxGraph graph = Chain("a", "b", "c");
        graph.Nodes[1].SetInput(0, "c");
        OnnxException fault = Assert.Throws<OnnxException>(graph.SortTopologically);
        Assert.Equal(OnnxFault.Invalid, fault.Fault);
        Assert.Contains("'b'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_output_depends_on_is_removed()
    {
        OnnxModel model = Graphs.Network();
        OnnxGraph graph = model.Graph;
        graph.RemoveUnused();
        Assert.Equal(Graphs.Network().ToArray(), model.ToArray());
        Assert.True(graph.RemoveOutput("score"));
        graph.RemoveUnused();
        Assert.DoesNotContain(graph.Nodes, n => n.Is("Gemm"));
        Assert.DoesNotContain("weight", graph.Initializers.Keys);
        Assert.Contains("conv.weight", graph.Initializers.Keys);
        GraphChecker.Check(model);
    }

    [Fact]
    public void Fresh_names_are_never_given_twice()
    {
        OnnxGraph graph = Chain("a", "b", "b_2");
        Assert.Equal("c", graph.FreshName("c"));
        Assert.Equal("c_2", graph.FreshName("c"));
        Assert.Equal("b_3", graph.FreshName("b"));
        Assert.Equal("b_4", graph.FreshName("b"));
        graph.Add(new OnnxNode("Relu", "d", ["a"], ["d"]));
        Assert.Equal("d_2", graph.FreshName("d"));
        graph.Nodes[0].SetOutput(0, "e");
        Assert.Equal("e_2", graph.FreshName("e"));
    }

    [Fact]
    public void What_a_file_says_of_values_that_are_gone_is_not_written()
    {
        ModelProto proto = ModelProto.Parser.ParseFrom(Graphs.Network().ToArray());
        proto.Graph.ValueInfo.Add(ValueInfos.Write(new OnnxValue("relu", OnnxElementType.Float32, ["N", 4, 8, 8])));
        proto.Graph.ValueInfo.Add(ValueInfos.Write(new OnnxValue("gone", OnnxElementType.Float32)));
        OnnxModel model = OnnxModel.Parse(proto.ToByteArray());
        Assert.Equal(["relu", "gone"], model.Graph.DeclaredValues.Select(v => v.Name));
        Assert.Equal(["relu"], OnnxModel.Parse(model.ToArray()).Graph.DeclaredValues.Select(v => v.Name));
        model.Graph.ForgetDeclaredValues();
        Assert.Equal(Graphs.Network().ToArray(), model.ToArray());
    }

    [Fact]
    public void Each_operator_set_has_its_file_version() =>
        Assert.Equal([8, 8, 9, 10], ((long[])[13, 17, 19, 21]).Select(o => new OnnxModel("g", o).IrVersion));

    [Fact]
    public void Constants_are_found_in_both_their_forms()
    {
        OnnxGraph graph = Chain("a");
        graph.SetInitializer(OnnxTensor.Vector("w", 1f, 2f));
        OnnxNode constant = graph.Add(new OnnxNode("Constant", "k", [], ["k"]));
        constant.Attributes.Set("value_ints", [3, 4]);
        Assert.Equal([1, 2], graph.Constant("w")!.Values<float>().ToArray());
        Assert.Equal([3, 4], graph.Constant("k")!.ToIndices());
        Assert.Null(graph.Constant("a"));
        Assert.Null(graph.Constant(null));
    }

    [Fact]
    public void A_constant_that_is_an_input_may_be_replaced_by_a_caller_and_is_no_constant()
    {
        OnnxGraph graph = Chain("a");
        graph.SetInitializer(OnnxTensor.Vector("x", 1f));
        Assert.Null(graph.Constant("x"));
    }

    [Fact]
    public void Attributes_of_another_type_are_errors_that_name_the_node()
    {
        OnnxNode node = Chain("a").Nodes[0];
        node.Attributes.Set("alpha", 0.5f);
        Assert.Equal(0.5f, node.Attributes.GetFloat("alpha", 1));
        Assert.Equal(7, node.Attributes.GetInt("beta", 7));
        OnnxException fault = Assert.Throws<OnnxException>(() => node.Attributes.GetInt("alpha"));
        Assert.Contains("Relu node 'a'", fault.Message, StringComparison.Ordinal);
        node.Attributes.Set("alpha", 3L);
        Assert.Equal(3, node.Attributes.GetInt("alpha"));
        Assert.Equal(["alpha"], node.Attributes.Names);
        Assert.True(node.Attributes.Remove("alpha"));
        Assert.False(node.Attributes.Contains("alpha"));
    }

    /// <summary>x -> Relu -> Relu -> ..., each node named as what it makes; the last is the output.</summary>
    static OnnxGraph Chain(params string[] names)
    {
        OnnxGraph graph = new OnnxModel("chain").Graph;
        graph.AddInput(new OnnxValue("x", OnnxElementType.Float32, ["N"]));
        string last = "x";
        foreach (string name in names)
            last = graph.Add(new OnnxNode("Relu", name, [last], [name])).Outputs[0];
        graph.AddOutput(new OnnxValue(last, OnnxElementType.Float32, ["N"]));
        return graph;
    }
}
