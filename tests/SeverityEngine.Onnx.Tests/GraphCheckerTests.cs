using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Onnx.Tests;

public class GraphCheckerTests
{
    [Fact]
    public void A_sound_network_passes_and_onnx_runtime_runs_it()
    {
        OnnxModel model = Graphs.Network();
        Dictionary<string, ReferenceTensor> made = OnnxRuntimeReference.Run(model.ToArray(), ("image", Graphs.Ramp(512), [2, 1, 16, 16]));
        Assert.Equal([2, 1], made["score"].Shape);
        Assert.Equal([2, 8], made["features"].Shape);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_named_with_its_node(string expected, Action<OnnxModel> change)
    {
        OnnxModel model = Graphs.Network();
        change(model);
        OnnxException fault = Assert.Throws<OnnxException>(() => GraphChecker.Check(model));
        Assert.Equal(OnnxFault.Invalid, fault.Fault);
        Assert.Equal(expected, fault.Message);
    }

    public static IEnumerable<TheoryDataRow<string, Action<OnnxModel>>> Faults() =>
    [
        new("Relu node 'relu' reads 'nothing', which nothing makes", m => Node(m, "Relu").SetInput(0, "nothing")),
        new("Relu node 'relu' stands in, or behind, a cycle", m => Node(m, "Relu").SetInput(0, "sigmoid")),
        new("Relu node 'again' makes 'relu', which is made already", m => m.Graph.Add(new OnnxNode("Relu", "again", ["image"], ["relu"]))),
        new("Concat node 'concat' reads 'sigmoid', but stands before the Sigmoid node 'sigmoid' that makes it",
        m => m.Graph.Add(Moved(m, "Sigmoid"))),
        new("the graph's output 'score' is made by no node", m => Moved(m, "Gemm")),
        new("the graph's output 'score' is listed twice", m => m.Graph.AddOutput(new OnnxValue("score"))),
        new("the graph has no output", m => { m.Graph.RemoveOutput("score"); m.Graph.RemoveOutput("features"); }),
        new("the model uses version 6 of the standard operators; 7 to 21 are known", m => m.SetOpset("", 6)),
        new("the model uses version 22 of the standard operators; 7 to 21 are known", m => m.SetOpset("", 22)),
        new("FusedConv node 'f' is of domain 'com.microsoft', which the model does not import",
            m => m.Graph.Add(new OnnxNode("FusedConv", "f", ["image"], ["f"], "com.microsoft"))),
        new("Einsum node 'e': the operator is not known here", m => m.Graph.Add(new OnnxNode("Einsum", "e", ["image"], ["e"]))),
        new("the graph declares more: Float32 [N, 2], but Flatten node 'features' makes Float32 [N, 8]", m =>
        {
            m.Graph.Producer("features")!.SetOutput(0, "more");
            m.Graph.ReplaceUses("features", "more");
            m.Graph.RemoveOutput("features");
            m.Graph.AddOutput(new OnnxValue("more", OnnxElementType.Float32, ["N", 2]));
        }),
        new("the graph declares relu: Int64 of unknown rank, but Relu node 'relu' makes Float32 [N, 4, 8, 8]",
            m => m.Graph.AddOutput(new OnnxValue("relu", OnnxElementType.Int64))),
    ];

    [Fact]
    public void Operators_from_elsewhere_can_be_allowed()
    {
        OnnxModel model = Graphs.Network();
        model.Graph.Add(new OnnxNode("Einsum", "e", ["image"], ["e"]));
        GraphChecker.Check(model, allowUnknownOperators: true);
    }

    static OnnxNode Node(OnnxModel model, string opType) => model.Graph.Nodes.Single(n => n.Is(opType));

    static OnnxNode Moved(OnnxModel model, string opType)
    {
        OnnxNode node = Node(model, opType);
        model.Graph.Remove(node);
        return node;
    }
}
