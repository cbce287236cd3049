using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Schema;
using SeverityEngine.Onnx.Tests.Reference;

namespace SeverityEngine.Onnx.Tests.Passes;

/// <summary>Functions as ONNX Runtime understands them, against their bodies written out.</summary>
public class InlineFunctionsTests
{
    [Fact]
    public void What_functions_stand_for_computes_what_onnx_runtime_makes_of_the_functions()
    {
        OnnxModel model = Graphs.WithFunctions(), inlined = OnnxModel.Parse(model.ToArray());
        Assert.Equal(2, InlineFunctions.Apply(inlined));
        GraphChecker.Check(inlined);
        Assert.Empty(inlined.Functions);
        Assert.Null(inlined.Opset("test"));
        Assert.Equal(17, inlined.Opset());
        Assert.Equal(model.Graph.Outputs, inlined.Graph.Outputs);
        (string, float[], long[]) x = ("x", [1, -1, 2, -2, 0.5f, 3, -3, 0], [2, 4]);
        Dictionary<string, ReferenceTensor> expected = OnnxRuntimeReference.Run(model.ToArray(), x),
            made = OnnxRuntimeReference.Run(inlined.ToArray(), x);
        foreach (string name in (string[])["first", "y"])
            Assert.Equal(expected[name].Values, made[name].Values);
        Assert.Contains(expected["first"].Values, v => v == -0.125f);
    }

    [Fact]
    public void Attributes_are_the_calls_or_the_functions_defaults_or_left_out()
    {
        OnnxModel model = Graphs.WithFunctions();
        model.Graph.Nodes.Single(n => n.OpType == "Twice").Attributes.Remove("factor");
        InlineFunctions.Apply(model);
        Assert.Equal([0.5f, 0.25f, 0.25f], model.Graph.Nodes.Where(n => n.Is("LeakyRelu")).Select(n => n.Attributes.GetFloat("alpha", -1)));
        Assert.Equal([2f, null, null], model.Graph.Nodes.Where(n => n.Is("Constant")).Select(n => n.Attributes.GetFloat("value_float")));
    }

    [Fact]
    public void Inputs_and_outputs_that_a_call_leaves_out_are_left_out_and_new_names_begin_with_the_calls()
    {
        OnnxModel model = Graphs.WithFunctions();
        model.Graph.Nodes.Single(n => n.OpType == "Twice").SetOutput(1, "");
        InlineFunctions.Apply(model);
        GraphChecker.Check(model);
        Assert.Equal([2, 1, 1], model.Graph.Nodes.Where(n => n.Is("Clip")).Select(n => n.Inputs.Count));
        Assert.All(model.Graph.Nodes.Skip(1), n => Assert.Matches("^(first|Twice)\\.", n.Name));
        string[] values = [.. model.Graph.Nodes.SelectMany(n => n.Outputs)];
        Assert.Equal(values.Distinct(), values);
        Assert.Equal(["k"], model.Graph.Nodes[0].Inputs.Where(i => i == "k"));
    }

    [Fact]
    public void An_output_that_is_an_input_is_passed_on()
    {
        GraphBuilder builder = Calling(new OnnxFunction("test", "Swap", ["a", "b"], ["b", "a"], []), "a", "b");
        OnnxModel model = builder.Model;
        (string, float[], long[]) x = ("x", [3, -4], [2]);
        InlineFunctions.Apply(model);
        Assert.Equal(["Identity", "Identity"], model.Graph.Nodes.Select(n => n.OpType));
        Assert.Equal([3, -4], OnnxRuntimeReference.Run(model.ToArray(), x)["a"].Values);
    }

    [Theory]
    [InlineData("reads 2 values and makes 3")]
    [InlineData("leaves 'b' out")]
    [InlineData("has the attribute 'alpha', which function 'test.F' does not")]
    [InlineData("is written in version 16 of the operators of domain '', and the model uses 17")]
    [InlineData("attribute 'factor' is of type Int, where function 'test.Twice' needs Float")]
    public void A_call_that_does_not_fit_its_function_is_refused_and_the_model_stays(string expected)
    {
        OnnxModel model = expected[0] switch
        {
            'r' => Calling(new OnnxFunction("test", "F", ["a", "b"], ["b", "a"], []), "y", "z", "v").Model,
            'l' => Calling(new OnnxFunction("test", "F", ["a", "b"], ["b"], []), "y").Model,
            'h' => Calling(new OnnxFunction("test", "F", ["a", "b"], ["b"], []), "y").Model,
            'i' => Calling(new OnnxFunction("test", "F", ["a", "b"], ["c"], [new OnnxNode("Relu", "", ["a"], ["c"])], ("", 16)), "y").Model,
            _ => Graphs.WithFunctions(),
        };
        OnnxNode call = model.Graph.Nodes[^1];
        if (expected[0] == 'l')
            call.SetInputs("x");
        if (expected[0] == 'h')
            call.Attributes.Set("alpha", 1L);
        if (expected[0] == 'a')
            call.Attributes.Set("factor", 1L);
        byte[] before = model.ToArray();
        Assert.Contains(expected, Refusal(model), StringComparison.Ordinal);
        Assert.Equal(before, model.ToArray());
    }

    [Fact]
    public void Functions_that_call_themselves_are_refused()
    {
        foreach (int length in (int[])[1, 2, 3])
        {
            OnnxModel model = Calling([.. Enumerable.Range(0, length).Select(i => Calls($"F{i}", $"F{(i + 1) % length}"))]);
            Assert.Equal("function 'test.F0' calls itself, directly or through others: it has no end", Refusal(model));
        }
    }

    [Fact]
    public void Functions_that_grow_without_bound_or_nest_without_bound_are_refused()
    {
        // Followed to their end, these would take years. Each calls the next twice, and the last makes nothing: 2 to the power of 50
        // calls for not a single node.
        OnnxFunction[] doubling =
            [.. Enumerable.Range(0, 50).Select(i => Calls($"F{i}", $"F{i + 1}", 2)), new("test", "F50", ["x"], ["x"], [])];
        Assert.Contains("more than 100000, which no network needs", Refusal(Calling(doubling)), StringComparison.Ordinal);
        OnnxFunction[] chain = [.. Enumerable.Range(0, 20_000).Select(i => Calls($"F{i}", $"F{i + 1}"))];
        Assert.Contains("more than 64 deep", Refusal(Calling(chain)), StringComparison.Ordinal);
        // One node that reads its input a hundred thousand times, again and again.
        OnnxFunction wide = new("test", "F1", ["x"], ["y"], [new OnnxNode("Sum", "", Enumerable.Repeat("x", 100_000), ["y"])], ("", 17));
        Assert.Contains("more than 67108864 bytes, which no network needs", Refusal(Calling(Calls("F0", "F1", 50_000), wide)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_functions_overload_tells_it_from_others_of_its_name()
    {
        ModelProto proto = ModelProto.Parser.ParseFrom(Calling(Calls("F", "G"), new OnnxFunction("test", "G", ["x"], ["y"],
            [new OnnxNode("Relu", "", ["x"], ["y"])], ("", 17))).ToArray());
        FunctionProto other = proto.Functions[1].Clone();
        other.Overload = "negative";
        other.Node[0].OpType = "Neg";
        proto.Functions.Add(other);
        proto.Functions[0].Node[0].Overload = "negative";
        OnnxModel model = new(proto, "test");
        Assert.Equal("function 'test.G:negative'", model.Functions[2].ToString());
        InlineFunctions.Apply(model);
        Assert.Equal(["Neg"], model.Graph.Nodes.Select(n => n.OpType));
    }

    [Fact]
    public void A_model_without_functions_stays_as_it_is()
    {
        OnnxModel model = Graphs.Network();
        byte[] before = model.ToArray();
        Assert.Equal(0, InlineFunctions.Apply(model));
        Assert.Equal(before, model.ToArray());
    }

    /// <summary>x -> Callee -> ... -> y within one function.</summary>
    static OnnxFunction Calls(string name, string callee, int times = 1) => new("test", name, ["x"], [$"y{times}"],
        Enumerable.Range(0, times).Select(i => new OnnxNode(callee, "", [i == 0 ? "x" : $"y{i}"], [$"y{i + 1}"], "test")), ("test", 1));

    static OnnxModel Calling(params OnnxFunction[] functions)
    {
        GraphBuilder builder = new("calls");
        builder.Model.SetOpset("test", 1);
        foreach (OnnxFunction function in functions)
            builder.Model.AddFunction(function);
        string x = builder.Input("x", OnnxElementType.Float32, ["N"]);
        builder.Output(builder.Node(functions[0].Name, [x], "y", "test").Outputs[0], OnnxElementType.Float32, ["N"]);
        return builder.Model;
    }

    static GraphBuilder Calling(OnnxFunction function, params string[] outputs)
    {
        GraphBuilder builder = new("calls");
        builder.Model.SetOpset("test", 1);
        builder.Model.AddFunction(function);
        string x = builder.Input("x", OnnxElementType.Float32, ["N"]);
        builder.Graph.Add(new OnnxNode(function.Name, "call", [x, x], outputs, "test"));
        foreach (string output in outputs)
            builder.Output(output, OnnxElementType.Float32, ["N"]);
        return builder;
    }

    static string Refusal(OnnxModel model)
    {
        OnnxException fault = Assert.Throws<OnnxException>(() => InlineFunctions.Apply(model));
        Assert.Equal(OnnxFault.Invalid, fault.Fault);
        return fault.Message;
    }
}
