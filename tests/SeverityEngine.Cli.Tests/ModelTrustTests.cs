using SeverityEngine.Onnx;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>Models that are more than data, on every command that loads one.</summary>
public class ModelTrustTests
{
    static string Sample => Path.Combine(TestData.RepositoryRoot, "tests", "samples", "clear.png");

    [Fact]
    public void Every_command_refuses_a_model_that_is_code_until_it_is_trusted()
    {
        using TemporaryFolder folder = new();
        // The remainder by 1000 is none of the operators of data, and harmless.
        File.WriteAllBytes(folder["code.onnx"], Scores("Mod", OnnxElementType.Float32, n => n.Attributes.Set("fmod", 1)));
        foreach (string[] arguments in (string[][])[
            ["predict", Sample, "--model", "code.onnx"],
            ["bench", Sample, "--model", "code.onnx", "--threads", "1", "--iterations", "1", "--warm-up", "0"],
            ["version", "--model", "code.onnx"],
            ["model", "optimize", "code.onnx", "-o", "out.onnx"],
        ])
        {
            CommandResult refused = Command.Run(Command.Binary, arguments, folder.Path);
            Assert.Equal((4, ""), (refused.ExitCode, refused.Output));
            Assert.Contains("code.onnx: Mod node 'operation': the operator is none of those that data may use", refused.Error);
            Assert.Contains("--trust-model", refused.Error);
            CommandResult allowed = Command.Run(Command.Binary, [.. arguments, "--trust-model"], folder.Path);
            Assert.True(allowed.ExitCode == 0, allowed.Error);
        }
        CommandResult info = Command.Run(Command.Binary, ["model", "info", "code.onnx"], folder.Path);
        Assert.Contains("safety      code, which needs --trust-model: Mod node 'operation'", info.Output);
        Assert.Contains("safety      data\n", Command.Severity("model", "info").Output);
        Assert.Contains("\"is_data\": true,\n  \"code_reason\": null", Command.Severity("model", "info", "--format", "json").Output);
        // No published image is there: that it gets so far is what is asked.
        foreach (bool trust in (bool[])[false, true])
        {
            string[] trusting = trust ? ["--trust-model"] : [];
            string[] arguments = ["model", "check-published", folder.Path, "--model", "code.onnx", .. trusting];
            CommandResult result = Command.Run(Command.Binary, arguments, folder.Path);
            Assert.Equal(trust, !result.Error.Contains("none of those that data may use", StringComparison.Ordinal));
            Assert.NotEqual(0, result.ExitCode);
        }
    }

    [Fact]
    public void A_division_that_would_kill_the_process_is_an_error_row_of_its_model()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["zero.onnx"], Scores("Div", OnnxElementType.Int64, _ => { }));
        CommandResult result = Command.Run(Command.Binary, ["predict", Sample, "--model", "zero.onnx", "--format", "jsonl"], folder.Path);
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("zero.onnx: Div node 'operation' divides whole numbers by what is no constant, or by 0 or -1", result.Error);
    }

    /// <summary>Scores that are the mean of the image, after an operation of it with 1000, or as whole numbers with 0.</summary>
    static byte[] Scores(string operation, OnnxElementType type, Action<OnnxNode> set)
    {
        GraphBuilder builder = new("test");
        string x = builder.Cast(builder.Input("image", OnnxElementType.Float32, ["N", 1, 8, 8]), type);
        string by = type == OnnxElementType.Float32 ? builder.Scalar("by", 1000f) : builder.Scalar("by", 0L);
        OnnxNode node = builder.Node(operation, [x, by], "operation");
        set(node);
        string mean = builder.Flatten(builder.GlobalAveragePool(builder.Cast(node.Outputs[0], OnnxElementType.Float32)));
        builder.Output(builder.Identity(mean, "geographic_extent"), OnnxElementType.Float32, ["N", 1]);
        builder.Output(builder.Identity(mean, "opacity"), OnnxElementType.Float32, ["N", 1]);
        new ModelContract { Name = "code", Version = "1" }.Write(builder.Model.Metadata);
        return builder.Model.ToArray();
    }
}
