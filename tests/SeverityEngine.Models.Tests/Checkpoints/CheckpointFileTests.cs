using System.Text.Json;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests.Checkpoints;

public class CheckpointFileTests
{
    public static TheoryData<string> Readable() =>
        [.. Samples.Names("*.pt").Where(name => !name.StartsWith("refuse-", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Readable))]
    public void A_file_has_the_tensors_that_pytorch_reads_from_it(string name)
    {
        JsonElement expected = Samples.Expected(name);

        Checkpoint checkpoint = CheckpointFile.Read(Samples.PathOf(name));

        Assert.Equal(expected.GetProperty("form").GetString(), checkpoint.Form.ToString());
        Assert.Equal(expected.GetProperty("module").GetString(), checkpoint.ModuleClass);
        Samples.AssertTensors(expected, checkpoint.Tensors.Values);
        Assert.All(checkpoint.Tensors, pair => Assert.Equal(pair.Key, pair.Value.Name));
    }

    [Theory, MemberData(nameof(Readable))]
    public void A_file_reads_the_same_wherever_its_bytes_lie_in_memory(string name)
    {
        byte[] shifted = [0, .. Samples.Bytes(name)];

        Checkpoint checkpoint = CheckpointFile.Read(shifted.AsMemory(1));

        Samples.AssertTensors(Samples.Expected(name), checkpoint.Tensors.Values);
    }

    [Fact]
    public void A_module_in_the_old_format_names_the_sources_that_came_with_it()
    {
        Checkpoint checkpoint = CheckpointFile.Read(Samples.PathOf("module-legacy.pt"));

        Assert.Equal(new CheckpointSource("samples.models.Net", "models.py"), checkpoint.Sources[0]);
        Assert.Contains(new CheckpointSource("torch.nn.modules.container.Sequential", "container.py"), checkpoint.Sources);
        Assert.Equal(checkpoint.Sources.Distinct(), checkpoint.Sources);
    }

    [Fact]
    public void Aligned_weights_of_a_zip_are_not_copied()
    {
        byte[] bytes = Samples.Bytes("module-zip.pt");
        float before = CheckpointFile.Read(bytes).Tensors["first.weight"].Values.Span[0];
        Checkpoint checkpoint = CheckpointFile.Read(bytes);

        int at = bytes.AsSpan().IndexOf(BitConverter.GetBytes(before));
        BitConverter.GetBytes(before + 1).CopyTo(bytes, at);

        Assert.Equal(before + 1, checkpoint.Tensors["first.weight"].Values.Span[0]);
    }

    [Theory]
    [InlineData("refuse-quantized.pt", "storage of type 'torch.QInt8Storage'")]
    [InlineData("refuse-complex.pt", "storage of type 'torch.ComplexFloatStorage'")]
    [InlineData("refuse-torchscript.pt", "TorchScript")]
    [InlineData("refuse-no-tensors.pt", "no tensor")]
    public void What_is_no_layout_of_plain_weights_is_refused_with_its_reason(string name, string reason)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => CheckpointFile.Read(Samples.PathOf(name)));

        Assert.Equal(SeverityError.CheckpointLayout, error.Code);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_a_folder_and_an_empty_file_each_have_their_error()
    {
        string empty = Path.GetTempFileName();
        try
        {
            Assert.Equal(SeverityError.FileNotFound, Assert.Throws<SeverityException>(() => CheckpointFile.Read(empty + ".none")).Code);
            Assert.Equal(
                SeverityError.FileUnreadable, Assert.Throws<SeverityException>(() => CheckpointFile.Read(Path.GetTempPath())).Code);
            Assert.Equal(SeverityError.FileEmpty, Assert.Throws<SeverityException>(() => CheckpointFile.Read(empty)).Code);
        }
        finally
        {
            File.Delete(empty);
        }
    }

    [Fact]
    public void A_file_beyond_the_limit_is_refused_before_it_is_read()
    {
        PickleLimits limits = new() { MaxFileBytes = 1000 };

        SeverityException error = Assert.Throws<SeverityException>(() => CheckpointFile.Read(Samples.PathOf("module-zip.pt"), limits));

        Assert.Equal(SeverityError.FileTooLarge, error.Code);
        Assert.Contains("save the network's weights alone", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_module_and_the_state_dict_of_one_network_hold_the_same_tensors()
    {
        Checkpoint module = CheckpointFile.Read(TestData.Get("checkpoints", "standin-module-legacy.pt"));
        Checkpoint stateDict = CheckpointFile.Read(TestData.Get("checkpoints", "standin-statedict-zip.pt"));

        JsonElement expected = Samples.Expected("standin-statedict-zip.pt", "reference.json");
        Samples.AssertTensors(expected, module.Tensors.Values);
        Samples.AssertTensors(expected, stateDict.Tensors.Values);
        Assert.Equal(CheckpointForm.LegacyModule, module.Form);
        Assert.Equal("torchxrayvision.models.DenseNet", module.ModuleClass);
        Assert.Contains(new CheckpointSource("torchxrayvision.models.DenseNet", "standin_densenet.py"), module.Sources);
        Assert.Equal(CheckpointForm.ZipStateDict, stateDict.Form);
    }

    [Fact]
    public void Trained_weights_have_the_values_that_pytorch_reads()
    {
        Checkpoint checkpoint = CheckpointFile.Read(TestData.Get("checkpoints", "trained-weak-statedict-zip.pt"));

        Samples.AssertTensors(Samples.Expected("trained-weak-statedict-zip.pt", "reference.json"), checkpoint.Tensors.Values);
    }
}
