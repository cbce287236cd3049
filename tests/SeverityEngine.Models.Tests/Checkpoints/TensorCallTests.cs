using SeverityEngine.Models.Checkpoints;

namespace SeverityEngine.Models.Tests.Checkpoints;

/// <summary>The calls by which PyTorch's versions have rebuilt tensors and parameters.</summary>
public class TensorCallTests
{
    static readonly byte[] s_data = [.. Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes((float)i))];

    public static TheoryData<string> Calls() => ["plain", "parameter", "parameter with state", "subclass", "first version", "torch.Size"];

    [Theory, MemberData(nameof(Calls))]
    public void A_tensor_is_the_same_through_every_call(string call)
    {
        byte[] file = LegacyFile.Of(pickle => Push(pickle.Op('}').Text("w"), call).Op('s'), ("s", 6, s_data));

        CheckpointTensor tensor = CheckpointFile.Read(file).Tensors["w"];

        Assert.Equal([3, 2], tensor.Shape);
        Assert.Equal([0f, 3, 1, 4, 2, 5], tensor.Values.ToArray());
    }

    [Theory]
    [InlineData("_rebuild_qtensor", "quantized")]
    [InlineData("_rebuild_sparse_tensor", "'torch._utils._rebuild_sparse_tensor'")]
    public void A_tensor_that_cannot_be_read_is_refused_by_what_it_is(string call, string reason)
    {
        byte[] file = LegacyFile.Of(pickle => pickle.Op('}').Text("w").Global("torch._utils", call).Op(')').Op('R').Op('s'));

        SeverityException error = Assert.Throws<SeverityException>(() => CheckpointFile.Read(file));

        Assert.Equal(SeverityError.CheckpointLayout, error.Code);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_that_a_thousand_names_share_is_made_once()
    {
        // A hundred thousand elements of one storage element, which cannot be a view of it.
        byte[] file = LegacyFile.Of(
            pickle =>
            {
                pickle.Op('}').Op('(').Text("w0").Tensor(0, [100_000], [0]).Op(0x94);
                for (int i = 1; i < 1000; i++)
                    pickle.Text($"w{i}").Op('h').Op(0);
                pickle.Op('u');
            },
            ("s", 6, s_data));

        Checkpoint checkpoint = CheckpointFile.Read(file, limits: new PickleLimits { MaxMemoryBytes = 2_000_000 });

        Assert.Equal(1000, checkpoint.Tensors.Count);
        Assert.True(checkpoint.Tensors["w0"].Values.Span == checkpoint.Tensors["w999"].Values.Span);
    }

    // Three by two, the transpose of what is stored.
    static PickleWriter Push(PickleWriter pickle, string call) => call switch
    {
        "parameter" => Push(pickle.Global("torch._utils", "_rebuild_parameter"), "plain").Op(0x88).Op('}').Op(0x87).Op('R'),
        "parameter with state" =>
            Push(pickle.Global("torch._utils", "_rebuild_parameter_with_state").Op('('), "plain").Op(0x88).Op('}').Op('}').Op('t').Op('R'),
        "subclass" => Arguments(
            pickle.Global("torch._tensor", "_rebuild_from_type_v2").Op('(').Global("torch._utils", "_rebuild_tensor_v2")
            .Global("m", "Tensor"), size: false)
            .Op(0x89).Op('}').Op('t').Op('}').Op('t').Op('R'),
        "first version" => Arguments(pickle.Global("torch._utils", "_rebuild_tensor"), size: false).Op('t').Op('R'),
        "torch.Size" => Arguments(pickle.Global("torch._utils", "_rebuild_tensor_v2"), size: true).Op(0x89).Op('}').Op('t').Op('R'),
        _ => pickle.Tensor(0, [3, 2], [1, 3]),
    };

    static PickleWriter Arguments(PickleWriter pickle, bool size)
    {
        pickle.Op('(').Op('(').Text("storage").Global("torch", "FloatStorage").Text("s").Text("cpu").Int(6).Op('t').Op('Q').Int(0);
        if (size)
            pickle.Global("torch", "Size").Int(3).Int(2).Op(0x86).Op(0x85).Op('R');
        else
            pickle.Int(3).Int(2).Op(0x86);
        return pickle.Int(1).Int(3).Op(0x86);
    }
}
