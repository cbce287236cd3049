using System.Diagnostics;
using Google.Protobuf;
using SeverityEngine.Inference;
using SeverityEngine.Interop;
using SeverityEngine.Kernels;
using SeverityEngine.Onnx;
using SeverityEngine.Onnx.Passes;
using SeverityEngine.Onnx.Schema;
using SeverityEngine.Onnx.Tests;

namespace SeverityEngine.Tests.Inference;

/// <summary>Models that are data, and models that are code; and whose definition of an operator counts.</summary>
[Collection(RunAlone.Name)]
public class ModelAdmissionTests
{
    const int Side = 8;

    [Fact]
    public void The_built_in_model_is_data() =>
        SafetyChecker.Read(ModelFile.BuiltIn().Bytes);

    [Fact]
    public void A_division_that_would_end_the_process_is_refused_before_it_runs()
    {
        SeverityException error = Assert.Throws<SeverityException>(() => Create(Dividing(divisor: 0)).Dispose());
        Assert.Equal(SeverityError.ModelUntrusted, error.Code);
        Assert.StartsWith("m.onnx: Div node 'quotient' divides whole numbers by what is no constant, or by 0 or -1", error.Message,
            StringComparison.Ordinal);
        Assert.Contains("--trust-model", error.Message, StringComparison.Ordinal);
        Assert.Contains("PredictorOptions.TrustModel", error.Message, StringComparison.Ordinal);
        // By 2 it is data: white is 1024 everywhere.
        using SeverityPredictor predictor = Create(Dividing(divisor: 2));
        Assert.Equal(512, predictor.Predict(White()).GeographicExtentRaw);
    }

    [Fact]
    public void A_model_that_is_trusted_may_be_code()
    {
        OnnxModel model = Scores((b, x) => b.Node("Mod", [x, b.Scalar("by", 1000f)], "mod").With("fmod", 1).Outputs[0]);
        SeverityException error = Assert.Throws<SeverityException>(() => Create(model).Dispose());
        Assert.Equal(SeverityError.ModelUntrusted, error.Code);
        Assert.Contains("Mod node 'mod': the operator is none of those that data may use", error.Message, StringComparison.Ordinal);
        using SeverityPredictor predictor = Create(model, trust: true);
        Assert.Equal(24, predictor.Predict(White()).GeographicExtentRaw);
    }

    [Fact]
    public void A_branch_is_run_where_it_is_trusted_and_the_engines_kernels_do_not_meddle()
    {
        // Either branch gives the image; the library of graphs reads neither.
        ModelProto proto = ModelProto.Parser.ParseFrom(Scores((b, x) =>
            b.Node("If", [b.Scalar("condition", true)], "branch").Outputs[0])
            .ToArray());
        byte[] body = new GraphProto
        {
            Name = "body",
            Node = { new NodeProto { OpType = "Identity", Input = { "image" }, Output = { "out" } } },
            Output = { ValueInfos.Write(new OnnxValue("out", OnnxElementType.Float32, ["N", 1, Side, Side])) },
        }.ToByteArray();
        foreach (string branch in (string[])["then_branch", "else_branch"])
        {
            proto.Graph.Node.Single(n => n.OpType == "If").Attribute.Add(new AttributeProto
            {
                Name = branch,
                Type = AttributeProto.Types.AttributeType.Graph,
                G = ByteString.CopyFrom(body),
            });
        }
        ModelFile file = new(proto.ToByteArray(), "m.onnx");
        SeverityException error = Assert.Throws<SeverityException>(() => Create(file, trust: false).Dispose());
        Assert.Equal(SeverityError.ModelUntrusted, error.Code);
        Assert.Contains("If node 'branch'", error.Message, StringComparison.Ordinal);
        Assert.False(ModelAdmission.Admit(file, isTrusted: true));
        using SeverityPredictor predictor = Create(file, trust: true);
        Assert.Equal(1024, predictor.Predict(White()).GeographicExtentRaw);
    }

    [Fact]
    public void Values_in_other_files_are_never_read_not_even_for_a_model_that_is_trusted()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["secret.bin"], BitConverter.GetBytes(42f));
        ModelProto proto = ModelProto.Parser.ParseFrom(Scores((b, x) => b.Mul(x, b.Vector("factor", 1f))).ToArray());
        TensorProto tensor = proto.Graph.Initializer.Single(t => t.Name == "factor");
        tensor.ClearRawData();
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "secret.bin" });
        string path = folder["m.onnx"];
        File.WriteAllBytes(path, proto.ToByteArray());
        string before = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = folder.Path;
            foreach (bool trust in (bool[])[false, true])
            {
                SeverityException error = Assert.Throws<SeverityException>(() => Create(ModelFile.Load(path), trust).Dispose());
                Assert.Equal(SeverityError.ModelInvalid, error.Code);
                Assert.Contains("tensor 'factor' keeps its values in another file, and a model is one file", error.Message,
                    StringComparison.Ordinal);
            }
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [Fact]
    public void A_file_that_defines_the_engines_operator_in_another_way_is_run_as_it_says()
    {
        byte[] pixels = new byte[Side * Side];
        new Random(5).NextBytes(pixels);
        OnnxModel own = WithOperator(Definition(n => n)), plain = own.Clone();
        OnnxModel identity = WithOperator([new OnnxNode("Identity", "", ["X"], ["Y"])]);
        Assert.True(ModelAdmission.Admit(ToFile(own), isTrusted: false));
        Assert.False(ModelAdmission.Admit(ToFile(identity), isTrusted: false));
        Assert.False(ModelAdmission.Admit(ToFile(identity), isTrusted: true));
        InlineFunctions.Apply(plain);

        // The kernel gives what the definition in standard operators gives, to rounding.
        double expected = Score(plain);
        Assert.Equal(expected, Score(own), Math.Abs(expected) * 1e-4);
        // As its file says, the operator changes nothing: the score is the mean of the network's input.
        foreach (bool trust in (bool[])[false, true])
        {
            Assert.Equal(Score(Scores((b, x) => x)), Score(identity, trust), 1e-3);
            // A convolution of twice the weight: the sum, and not the kernel's.
            OnnxModel twice = WithOperator(Definition(nodes => [nodes[0], nodes[1], new OnnxNode("Add", "", ["y", "y"], ["z"]),
                new OnnxNode("Transpose", "", ["z"], ["Y"]).With("perm", [0, 2, 3, 1])]));
            Assert.Equal(2 * expected, Score(twice, trust), Math.Abs(expected) * 1e-4);
        }

        // What is derived of it, and what is written anew, keeps that meaning.
        using SeverityPredictor predictor = Create(identity);
        Assert.Equal(predictor.Predict(View()).GeographicExtentRaw, predictor.Explain(View()).Score.GeographicExtentRaw, 1e-3);
        OnnxModel optimized = identity.Clone();
        EnginePasses.Apply(optimized);
        Assert.Equal(Score(identity), Score(optimized), 1e-3);

        XRayPixels View() => new(pixels, Side, Side);

        double Score(OnnxModel model, bool trust = false)
        {
            using SeverityPredictor made = Create(model, trust);
            return made.Predict(View()).GeographicExtentRaw;
        }
    }

    [Fact]
    public void The_kernel_is_used_where_the_definition_is_the_engines_whatever_its_names_are()
    {
        Assert.SkipUnless(Arithmetics.Serve(Cpu.Kernels), "this processor has no kernel for the operator");
        // Weights that are not constant show which of the two runs: the definition takes them, the kernel does not.
        foreach ((OnnxNode[] nodes, bool isOwn) in ((OnnxNode[], bool)[])[(Definition(n => n), true),
            (Definition(n => [n[0], n[1].With("group", 1), n[2]]), false)])
        {
            OnnxModel model = WithOperator(nodes);
            OnnxNode node = model.Graph.Nodes.Single(n => n.OpType == WinogradOperator.OpType);
            GraphBuilder builder = new(model);
            string nothing = builder.Mul(builder.ReduceMean("image", [0, 1, 2, 3], keepDimensions: false), builder.Scalar("nothing", 0f));
            node.SetInput(1, builder.Add(node.Inputs[1], nothing));
            model.Graph.SortTopologically();
            Exception? refused = Record.Exception(() => Create(model).Dispose());
            Assert.Equal(isOwn, refused is SeverityException { Code: SeverityError.ModelInvalid });
        }
    }

    [Fact]
    public void Weights_that_are_not_finite_are_refused_when_the_model_is_loaded()
    {
        OnnxModel model = Scores((b, x) => b.Mul(x, b.Vector("factor", float.PositiveInfinity)));
        SeverityException error = Assert.Throws<SeverityException>(() => Create(model).Dispose());
        Assert.Equal(SeverityError.ModelInvalid, error.Code);
        Assert.Equal("m.onnx: tensor 'factor' holds numbers that are not finite, and every weight must be; "
            + "train or export the network again", error.Message);
    }

    [Fact]
    public void Metadata_are_read_in_a_time_that_grows_with_their_number()
    {
        OnnxModel model = Scores((b, x) => x);
        for (int i = 0; i < 20_000; i++)
            model.Metadata[$"note.{i}"] = "x";
        ModelFile file = ToFile(model);
        Create(Scores((b, x) => x)).Dispose();
        long start = Stopwatch.GetTimestamp();
        using SeverityPredictor predictor = Create(file, trust: false);
        // One by one from ONNX Runtime they took half a minute.
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(model.Metadata, predictor.Model.Metadata);
    }

    static SeverityPredictor Create(OnnxModel model, bool trust = false) => Create(ToFile(model), trust);

    static SeverityPredictor Create(ModelFile file, bool trust) =>
        SeverityPredictor.Create(new PredictorOptions { Model = file, Threads = 1, TrustModel = trust });

    static ModelFile ToFile(OnnxModel model) => new(model.ToArray(), "m.onnx");

    static XRayPixels White()
    {
        byte[] white = new byte[Side * Side];
        Array.Fill(white, (byte)255);
        return new XRayPixels(white, Side, Side);
    }

    static OnnxModel Dividing(long divisor) => Scores((b, x) => b.Cast(b.Node(
        "Div", [b.Cast(x, OnnxElementType.Int64), b.Scalar("divisor", divisor)], "quotient").Outputs[0], OnnxElementType.Float32));

    /// <summary>The operator's own definition, changed.</summary>
    static OnnxNode[] Definition(Func<OnnxNode[], OnnxNode[]> change) =>
        change([new OnnxNode("Transpose", "t", ["X"], ["x"]).With("perm", [0, 3, 1, 2]),
            new OnnxNode("Conv", "c", ["x", "W"], ["y"]).With("pads", [1, 1, 1, 1]),
            new OnnxNode("Transpose", "u", ["y"], ["Y"]).With("perm", [0, 2, 3, 1])]);

    /// <summary>A score that is the mean of what the operator makes of the image, in 16 equal channels.</summary>
    static OnnxModel WithOperator(OnnxNode[] definition) => Scores((b, x) =>
    {
        b.Model.SetOpset(WinogradOperator.Domain, WinogradOperator.Version);
        b.Model.AddFunction(new OnnxFunction(WinogradOperator.Domain, WinogradOperator.OpType, ["X", "W"], ["Y"], definition,
            ("", OnnxModel.DefaultOpset)));
        Random random = new(3);
        float[] weight = [.. Enumerable.Range(0, 16 * 16 * 9).Select(_ => (random.NextSingle() - 0.4f) / 40)];
        string channels = b.Transpose(b.Concat([.. Enumerable.Repeat(x, 16)], 1), [0, 2, 3, 1]);
        string made = b.Node(WinogradOperator.OpType, [channels, b.Constant<float>("weight", [16, 16, 3, 3], weight)], "winograd",
            WinogradOperator.Domain).Outputs[0];
        return b.Transpose(made, [0, 3, 1, 2]);
    });

    /// <summary>A model whose scores are the mean of what is made of its image.</summary>
    static OnnxModel Scores(Func<GraphBuilder, string, string> build)
    {
        GraphBuilder builder = new("test");
        string made = build(builder, builder.Input("image", OnnxElementType.Float32, ["N", 1, Side, Side]));
        string mean = builder.Flatten(builder.ReduceMean(made, [1, 2, 3], keepDimensions: true));
        builder.Output(builder.Identity(mean, "geographic_extent"), OnnxElementType.Float32, ["N", 1]);
        builder.Output(builder.Identity(mean, "opacity"), OnnxElementType.Float32, ["N", 1]);
        OnnxModel model = builder.Model;
        new ModelContract { Name = "test", Version = "1" }.Write(model.Metadata);
        return model;
    }
}
