using System.Text.Json;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests.Checkpoints;

public class MlpHeadTests
{
    public static TheoryData<string> Heads() => [.. Samples.Names("head-*.pkl")];

    [Theory, MemberData(nameof(Heads))]
    public void Every_protocol_type_and_order_reads_as_numpy_reads_it(string name) =>
        AssertLayers(Samples.Expected(name), MlpHead.Read(Samples.PathOf(name)));

    [Theory]
    [InlineData("mlp_geo.pkl")]
    [InlineData("mlp_opa.pkl")]
    public void The_published_heads_read_as_numpy_reads_them(string name)
    {
        MlpHead head = MlpHead.Read(TestData.Get("checkpoints", name));

        AssertLayers(Samples.Expected(name, "reference.json"), head);
        Assert.Equal([1024, 1000], head.Layers[0].Weight.Shape);
    }

    [Fact]
    public void Layers_that_do_not_fit_each_other_are_refused()
    {
        PickleWriter pickle = new();
        pickle.Op('(');
        pickle.Op(']').Op('(');
        Array(pickle, 2, 3);
        Array(pickle, 4, 1);
        pickle.Op('e').Op(']').Op('(');
        Array(pickle, 3);
        Array(pickle, 1);
        pickle.Op('e').Op('t').Op('.');

        SeverityException error = Assert.Throws<SeverityException>(() => MlpHead.Read(pickle.ToArray()));

        Assert.Equal(SeverityError.CheckpointLayout, error.Code);
        Assert.Contains("layer 1 of shape [4, 1] after 3 outputs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_array_with_fewer_bytes_than_its_shape_is_refused()
    {
        PickleWriter pickle = new();
        pickle.Op('(').Op(']').Op('(');
        Array(pickle, [2, 1 << 30], 8);
        pickle.Op('e').Op(']').Op('(');
        Array(pickle, 3);
        pickle.Op('e').Op('t').Op('.');

        SeverityException error = Assert.Throws<SeverityException>(() => MlpHead.Read(pickle.ToArray()));

        Assert.Equal(SeverityError.CheckpointInvalid, error.Code);
        Assert.Contains("array of 2147483648 elements in 8 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pytorch_file_is_no_head() =>
        Assert.Equal(
        SeverityError.CheckpointLayout, Assert.Throws<SeverityException>(() => MlpHead.Read(Samples.PathOf("kinds-legacy.pt"))).Code);

    static void Array(PickleWriter pickle, params int[] shape) => Array(pickle, shape, 4 * shape.Aggregate(1, (a, b) => a * b));

    static void Array(PickleWriter pickle, int[] shape, int bytes)
    {
        pickle.Global("numpy.core.multiarray", "_reconstruct").Op(')').Op('R');
        pickle.Op('(').Int(1).Op('(');
        foreach (int size in shape)
            pickle.Int(size);
        pickle.Op('t').Global("numpy", "dtype").Text("f4").Op(0x85).Op('R').Op('(').Int(3).Text("<").Op('t').Op('b');
        pickle.Op(0x89).Bytes(new byte[bytes]).Op('t').Op('b');
    }

    static void AssertLayers(JsonElement expected, MlpHead head) =>
        Samples.AssertTensors(expected, [.. head.Layers.Select(layer => layer.Weight), .. head.Layers.Select(layer => layer.Bias)]);
}
