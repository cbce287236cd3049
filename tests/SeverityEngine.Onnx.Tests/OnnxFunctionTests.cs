namespace SeverityEngine.Onnx.Tests;

public class OnnxFunctionTests
{
    [Fact]
    public void Functions_come_back_from_a_files_bytes_and_are_written_again_byte_for_byte()
    {
        byte[] bytes = Graphs.WithFunctions().ToArray();
        OnnxModel read = OnnxModel.Parse(bytes);
        Assert.Equal(bytes, read.ToArray());
        Assert.Equal(bytes, read.Clone().ToArray());
        Assert.Equal(["function 'test.Leaky'", "function 'test.Twice'"], read.Functions.Select(f => f.ToString()));
        OnnxFunction leaky = read.Functions[0];
        Assert.Equal(["x", "low"], leaky.Inputs);
        Assert.Equal(["y", "raw"], leaky.Outputs);
        Assert.Equal(["given", "slope"], leaky.Attributes);
        Assert.Equal(["Constant", "LeakyRelu", "Mul", "Clip"], leaky.CopyNodes().Select(n => n.OpType));
        Assert.Equal(17, leaky.Opset());
        Assert.Null(leaky.Opset("test"));
        Assert.Same(leaky, read.FunctionOf(read.Graph.Nodes.Single(n => n.OpType == "Leaky")));
        Assert.Null(read.FunctionOf(read.Graph.Nodes.Single(n => n.OpType == "Mul")));
    }

    [Fact]
    public void A_functions_nodes_are_copies()
    {
        OnnxModel model = Graphs.WithFunctions();
        byte[] before = model.ToArray();
        model.Functions[0].CopyNodes()[1].SetInput(0, "other");
        Assert.Equal(before, model.ToArray());
        OnnxNode relu = new("Relu", "relu", ["x"], ["y"]);
        OnnxFunction function = new("test", "F", ["x"], ["y"], [relu], ("", 17));
        relu.SetInput(0, "other");
        Assert.Equal(["x"], function.CopyNodes()[0].Inputs);
    }

    [Fact]
    public void Functions_that_no_node_calls_can_be_dropped_but_not_those_that_others_call()
    {
        OnnxModel model = Graphs.WithFunctions();
        model.AddFunction(new OnnxFunction("test", "Alone", ["x"], ["y"], [new OnnxNode("Twice", "", ["x"], ["y"], "test")], ("test", 1)));
        Assert.Equal(1, model.RemoveUnusedFunctions());
        Assert.Equal(["Leaky", "Twice"], model.Functions.Select(f => f.Name));
        model.Graph.RemoveOutput("y");
        model.Graph.RemoveUnused();
        Assert.Equal(1, model.RemoveUnusedFunctions());
        Assert.Equal(["Leaky"], model.Functions.Select(f => f.Name));
        Assert.Equal(["Leaky"], OnnxModel.Parse(model.ToArray()).Functions.Select(f => f.Name));
    }

    [Fact]
    public void A_function_is_defined_once_and_brings_the_file_version_that_has_functions()
    {
        OnnxModel model = Graphs.Network();
        model.IrVersion = 7;
        OnnxFunction function = new("test", "F", ["x"], ["y"], [new OnnxNode("Relu", "", ["x"], ["y"])], ("", 17));
        model.AddFunction(function);
        Assert.Equal(8, model.IrVersion);
        Assert.Contains("'test.F'", Assert.Throws<ArgumentException>(() => model.AddFunction(function)).Message, StringComparison.Ordinal);
        GraphChecker.Check(model);
    }

    [Fact]
    public void A_node_that_calls_a_function_is_known_to_the_checker()
    {
        OnnxModel model = Graphs.WithFunctions();
        model.Graph.Add(new OnnxNode("Other", "o", ["x"], ["o"], "test"));
        Assert.Contains("Other node 'o': the operator is not known here",
            Assert.Throws<OnnxException>(() => GraphChecker.Check(model)).Message, StringComparison.Ordinal);
    }
}
