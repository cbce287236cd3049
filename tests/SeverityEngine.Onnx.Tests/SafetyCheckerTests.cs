using Google.Protobuf;
using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Tests;

/// <summary>What is data, and what is refused as code. What ends the process, or runs for ever, is judged before anything runs.</summary>
public class SafetyCheckerTests
{
    const OnnxElementType Float = OnnxElementType.Float32;

    [Fact]
    public void Networks_with_functions_and_without_are_data()
    {
        SafetyChecker.Check(Graphs.Network());
        SafetyChecker.Check(Graphs.WithFunctions());
        OnnxModel read = SafetyChecker.Read(Graphs.WithFunctions().ToArray());
        Assert.Equal(2, read.Functions.Count);
        Assert.Equal(Graphs.WithFunctions().ToArray(), read.ToArray());
    }

    [Fact]
    public void A_flattening_by_the_shape_as_exporters_write_it_is_data()
    {
        // PyTorch's x.view(x.size(0), -1).
        OnnxModel model = Built((b, x) =>
        {
            string batch = b.Unsqueeze(b.Gather(b.Node("Shape", [x]).Outputs[0], b.Scalar("first", 0L), 0), [0]);
            string rest = b.Node("Constant", []).With("value_ints", [-1]).Outputs[0];
            return b.Node("Reshape", [x, b.Concat([batch, rest], 0)]).Outputs[0];
        });
        SafetyChecker.Check(model);
    }

    [Fact]
    public void Constants_that_old_files_list_as_inputs_too_are_constants()
    {
        OnnxModel model = Built((b, x) => b.Reshape(x, [0, 16]));
        foreach (OnnxTensor tensor in model.Graph.Initializers.Values)
            model.Graph.AddInput(new OnnxValue(tensor.Name, tensor.ElementType, tensor.Shape));
        SafetyChecker.Check(model);
    }

    [Theory]
    [InlineData("Loop", "")]
    [InlineData("Scan", "")]
    [InlineData("If", "")]
    [InlineData("SequenceMap", "")]
    [InlineData("Mod", "")]
    [InlineData("Einsum", "")]
    [InlineData("FusedConv", "com.microsoft")]
    [InlineData("Loop", "ai.onnx")]
    [InlineData("Conv", "elsewhere")]
    [InlineData("WinogradConv:other", "severity")]
    public void Another_operator_is_named_with_its_node(string operation, string domain)
    {
        byte[] bytes = Built((b, x) => b.Node(operation, [x], "evil", domain).Outputs[0]).ToArray();
        Refused(() => SafetyChecker.Read(bytes, "m.onnx"), $"{operation} node 'evil': the operator is none of those that data may use");
    }

    [Fact]
    public void A_loop_is_called_one_whatever_its_body_holds()
    {
        // A body that is itself a million starts of a group: nothing goes down into it.
        byte[] deep = new byte[1_000_000];
        Array.Fill(deep, (byte)0x7b);
        ModelProto proto = ModelProto.Parser.ParseFrom(Built((b, x) => b.Node("Loop", [x], "evil").Outputs[0]).ToArray());
        proto.Graph.Node[^1].Attribute.Add(new AttributeProto
        {
            Name = "body",
            Type = AttributeProto.Types.AttributeType.Graph,
            G = ByteString.CopyFrom(deep),
        });
        Refused(() => SafetyChecker.Read(proto.ToByteArray()), "Loop node 'evil': the operator is none of those that data may use");
    }

    [Fact]
    public void Functions_are_looked_into_called_or_not()
    {
        foreach (bool isCalled in (bool[])[true, false])
        {
            OnnxModel model = Built((b, x) =>
            {
                b.Model.SetOpset("own", 1);
                b.Model.AddFunction(new OnnxFunction("own", "Inner", ["x"], ["y"], [new OnnxNode("Loop", "evil", ["x"], ["y"])],
                    ("", OnnxModel.DefaultOpset)));
                b.Model.AddFunction(new OnnxFunction("own", "Outer", ["x"], ["y"], [new OnnxNode("Inner", "in", ["x"], ["y"], "own")],
                    ("own", 1)));
                return isCalled ? b.Node("Outer", [x], "out", "own").Outputs[0] : x;
            });
            byte[] bytes = model.ToArray();
            Refused(() => SafetyChecker.Read(bytes), "Loop node 'evil'");
        }
    }

    [Theory]
    [InlineData("com.microsoft")]
    [InlineData("ai.onnx.ml")]
    [InlineData("org.pytorch.aten")]
    public void A_function_in_the_runtimes_own_domains_is_refused(string domain)
    {
        // ONNX Runtime would run its own operator of that name, and not the function.
        OnnxModel model = Built((b, x) =>
        {
            b.Model.SetOpset(domain, 1);
            b.Model.AddFunction(new OnnxFunction(domain, "Gelu", ["x"], ["y"], [new OnnxNode("Relu", "", ["x"], ["y"])],
                ("", OnnxModel.DefaultOpset)));
            return b.Node("Gelu", [x], domain: domain).Outputs[0];
        });
        Refused(() => SafetyChecker.Check(model), $"function '{domain}.Gelu' is in a domain of the runtime's own");
    }

    [Fact]
    public void A_function_that_calls_itself_is_refused()
    {
        OnnxModel model = Built((b, x) =>
        {
            b.Model.SetOpset("own", 1);
            b.Model.AddFunction(new OnnxFunction("own", "F", ["x"], ["y"], [new OnnxNode("F", "", ["x"], ["y"], "own")], ("own", 1)));
            return b.Node("F", [x], domain: "own").Outputs[0];
        });
        OnnxException fault = Assert.Throws<OnnxException>(() => SafetyChecker.Check(model));
        Assert.Contains("calls itself", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3L, true)]
    [InlineData(-2L, true)]
    [InlineData(0L, false)]
    [InlineData(-1L, false)]
    public void Whole_numbers_are_divided_by_harmless_constants_alone(long divisor, bool isData)
    {
        foreach (OnnxElementType type in (OnnxElementType[])[OnnxElementType.Int64, OnnxElementType.Int32, OnnxElementType.Int16,
            OnnxElementType.Int8])
        {
            OnnxModel model = Built((b, x) => b.Node("Div", [b.Cast(x, type), Constant(b, type, divisor)], "quotient").Outputs[0]);
            if (isData)
                SafetyChecker.Check(model);
            else
                Refused(() => SafetyChecker.Check(model), "'quotient' divides whole numbers by what is no constant, or by 0 or -1");
        }
        OnnxElementType unsigned = OnnxElementType.UInt8;
        if (divisor >= 0)
        {
            OnnxModel model = Built((b, x) => b.Div(b.Cast(x, unsigned), b.Scalar("d", (byte)divisor)));
            Assert.Equal(isData, Record.Exception(() => SafetyChecker.Check(model)) is null);
        }
    }

    [Fact]
    public void Whole_numbers_are_not_divided_by_what_is_computed()
    {
        OnnxModel model = Built((b, x) =>
            b.Node("Div", [b.Cast(x, OnnxElementType.Int64), b.Cast(x, OnnxElementType.Int64)], "q").Outputs[0]);
        Refused(() => SafetyChecker.Check(model), "Div node 'q' divides whole numbers");
        // Numbers with a fraction have infinities, and nothing ends.
        SafetyChecker.Check(Built((b, x) => b.Div(x, b.Node("Exp", [x]).Outputs[0])));
    }

    [Theory]
    [InlineData(3, 3, true)]
    [InlineData(4, 0, false)]
    [InlineData(0, 4, false)]
    public void Reflection_pads_by_less_than_there_is(long before, long after, bool isData)
    {
        OnnxModel model = Built((b, x) =>
            b.Node("Pad", [x, b.Vector("p", 0, 0, before, 0, 0, 0, after, 0)], "pad").With("mode", "reflect").Outputs[0]);
        if (isData)
            SafetyChecker.Check(model);
        else
            Refused(() => SafetyChecker.Check(model), "Pad node 'pad' pads by more than the image has to repeat");
    }

    [Fact]
    public void A_value_of_a_size_that_cannot_be_told_is_named()
    {
        OnnxModel model = Built((b, x) => b.Node("Expand", [x, b.Cast(b.Flatten(x, 0), OnnxElementType.Int64)], "grow").Outputs[0]);
        Refused(() => SafetyChecker.Check(model), "Expand node 'grow': its output is of a size that cannot be told before the model runs");
    }

    [Theory]
    [InlineData(1L << 27, true)]
    [InlineData(1L << 28, false)] // 4 GiB of 16 numbers each
    public void A_value_beyond_the_budget_is_named(long times, bool isSmall)
    {
        OnnxModel model = Built((b, x) => b.Node(
            "Expand", [b.GlobalAveragePool(x), b.Vector("to", times / 4, 1, 4, 4)], "grow").Outputs[0]);
        if (isSmall)
            Refused(() => SafetyChecker.Check(model), "Expand node 'grow'"); // 2 GiB, and what it is made of
        else
            Refused(() => SafetyChecker.Check(model), "Expand node 'grow': its output takes 4294967296 bytes");
        SafetyChecker.Check(Built((b, x) => b.Node(
            "Expand", [b.GlobalAveragePool(x), b.Vector("to", times / 16, 1, 4, 4)]).Outputs[0]));
    }

    [Fact]
    public void Values_are_counted_as_long_as_somebody_reads_them()
    {
        // Twenty values of 256 MiB: one after the other they are two at a time, kept for the end they are twenty.
        Assert.Null(Record.Exception(() => SafetyChecker.Check(Built((b, x) =>
        {
            for (int i = 0; i < 20; i++)
                x = b.Relu(i == 0 ? Large(b, x) : x);
            return b.GlobalAveragePool(x);
        }))));
        Refused(() => SafetyChecker.Check(Built((b, x) =>
        {
            string large = Large(b, x);
            string[] kept = [.. Enumerable.Range(0, 20).Select(_ => b.GlobalAveragePool(large))];
            return b.GlobalAveragePool(b.Node("Sum", [.. Enumerable.Range(0, 20).Select(_ => b.Relu(large)), .. kept]).Outputs[0]);
        })), "bytes at once");

        static string Large(GraphBuilder b, string x) =>
            b.Node("Expand", [b.GlobalAveragePool(x), b.Vector("to", 1, 1, 8192, 8192)]).Outputs[0];
    }

    [Fact]
    public void What_would_take_hours_is_named()
    {
        // 1024 x 1024 places, each under a window of 2047 x 2047: 4.4e12 additions, from a file of a few bytes.
        OnnxModel model = Built((b, x) =>
        {
            string large = b.Node("Expand", [b.GlobalAveragePool(x), b.Vector("to", 1, 1, 1024, 1024)]).Outputs[0];
            return b.AveragePool(large, [2047, 2047], [1, 1], [1023, 1023, 1023, 1023], name: "slow");
        });
        Refused(() => SafetyChecker.Check(model), "AveragePool node 'slow': up to here one sample takes 43937");
    }

    [Fact]
    public void A_value_without_elements_is_refused()
    {
        Refused(() => SafetyChecker.Check(Built((b, x) => b.Slice(x, [2], [2], [3]))), "has no elements");
        Refused(() => SafetyChecker.Check(Built((b, x) =>
            b.Add(x, b.Cast(b.ReduceSum(b.Constant<long>("none", [0], []), [0], keepDimensions: false), Float)))), "which has no elements");
    }

    [Fact]
    public void Text_is_no_data() =>
        Refused(() => SafetyChecker.Check(Built((b, x) => b.Cast(x, OnnxElementType.Text))), "is of type Text");

    [Fact]
    public void More_nodes_than_any_network_has_are_refused()
    {
        OnnxModel model = Built((b, x) =>
        {
            for (int i = 0; i <= SafetyChecker.MostNodes; i++)
                x = b.Identity(x);
            return x;
        });
        Refused(() => SafetyChecker.Check(model), $"nodes, and data at most {SafetyChecker.MostNodes}");
    }

    [Fact]
    public void Operators_of_versions_in_which_they_meant_something_else_are_refused()
    {
        OnnxModel model = Graphs.Network();
        model.SetOpset("", 6);
        Refused(() => SafetyChecker.Check(model), "version 6 of the standard operators");
    }

    [Fact]
    public void Values_in_other_files_are_refused_wherever_they_stand_and_whoever_is_trusted()
    {
        foreach (Action<ModelProto, TensorProto> put in (Action<ModelProto, TensorProto>[])[
            (m, t) => m.Graph.Initializer.Add(t),
            (m, t) => m.Graph.Node[0].Attribute.Add(Attribute(t)),
            (m, t) => m.Functions[0].Node[0].Attribute.Add(Attribute(t)),
            (m, t) => m.Functions[0].AttributeProto.Add(Attribute(t)),
        ])
        {
            TensorProto elsewhere = new()
            {
                Name = "w",
                DataType = 1,
                Dims = { 1 },
                DataLocation = TensorProto.Types.DataLocation.External,
                ExternalData = { new StringStringEntryProto { Key = "location", Value = "secret.txt" } },
            };
            ModelProto proto = ModelProto.Parser.ParseFrom(Graphs.WithFunctions().ToArray());
            put(proto, elsewhere);
            byte[] bytes = proto.ToByteArray();
            foreach (Action read in (Action[])[() => OnnxModel.RequireOneFile(bytes, "m.onnx"), () => OnnxModel.Parse(bytes, "m.onnx"),
                () => SafetyChecker.Read(bytes, "m.onnx")])
            {
                OnnxException fault = Assert.Throws<OnnxException>(read);
                Assert.Equal(OnnxFault.Invalid, fault.Fault);
                Assert.Contains("'w' keeps its values in another file, and a model is one file", fault.Message, StringComparison.Ordinal);
            }
        }
        OnnxModel.RequireOneFile(Graphs.WithFunctions().ToArray());

        static AttributeProto Attribute(TensorProto t) => new() { Name = "extra", Type = AttributeProto.Types.AttributeType.Tensor, T = t };
    }

    [Fact]
    public void A_tensor_in_an_attribute_of_another_type_is_refused()
    {
        ModelProto proto = ModelProto.Parser.ParseFrom(Graphs.Network().ToArray());
        proto.Graph.Node[0].Attribute.Add(new AttributeProto
        {
            Name = "hidden",
            Type = AttributeProto.Types.AttributeType.Int,
            T = new TensorProto { DataType = 1, DataLocation = TensorProto.Types.DataLocation.External },
        });
        OnnxException fault = Assert.Throws<OnnxException>(() => OnnxModel.Parse(proto.ToByteArray()));
        Assert.Contains("attribute 'hidden' holds a tensor, but is of type Int", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Sums of other operators than these are in nobody's network: a shape rule that is added makes its operator data.</summary>
    [Fact]
    public void What_loops_branches_or_draws_lots_is_not_among_the_operators() =>
        Assert.Empty(SafetyChecker.Operators.Intersect(["Loop", "Scan", "If", "SequenceMap", "Mod", "RandomNormal", "RandomUniform",
            "RandomNormalLike", "RandomUniformLike", "Multinomial", "Bernoulli", "Range", "NonZero", "Unique", "Compress", "Optional"]));

    static void Refused(Action check, string message)
    {
        OnnxException fault = Assert.Throws<OnnxException>(check);
        Assert.Equal(OnnxFault.Untrusted, fault.Fault);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    static string Constant(GraphBuilder b, OnnxElementType type, long value) => type switch
    {
        OnnxElementType.Int64 => b.Scalar("divisor", value),
        OnnxElementType.Int32 => b.Scalar("divisor", (int)value),
        OnnxElementType.Int16 => b.Scalar("divisor", (short)value),
        _ => b.Scalar("divisor", (sbyte)value),
    };

    /// <summary>A model of one output that is made of an image <c>[N, 1, 4, 4]</c>.</summary>
    static OnnxModel Built(Func<GraphBuilder, string, string> build)
    {
        GraphBuilder builder = new("test");
        builder.Graph.AddOutput(new OnnxValue(build(builder, builder.Input("x", Float, ["N", 1, 4, 4]))));
        return builder.Model;
    }
}
