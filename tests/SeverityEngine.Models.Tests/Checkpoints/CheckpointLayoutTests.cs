using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Networks;
using SeverityEngine.Models.Tests.Checkpoints.Networks;

namespace SeverityEngine.Models.Tests.Checkpoints;

/// <summary>
/// The layouts that training scripts and tools give to a DenseNet-121's weights: all make the model that the plain ones make.
/// </summary>
public class CheckpointLayoutTests
{
    static readonly ModelContract s_contract = new() { Name = "layout", Version = "1" };
    static readonly float[] s_numbers = States.Numbers(1 << 20, 3);
    static readonly byte[] s_storage = MemoryMarshal.AsBytes(s_numbers.AsSpan()).ToArray();
    static readonly ParameterShape[] s_parameters = [.. DenseNet121.Needed(18)];
    static readonly Lazy<byte[]> s_plain = new(() => Convert(File(pickle => StateDict(pickle))));

    [Theory]
    [InlineData("state_dict", "")]
    [InlineData("model_state_dict", "")]
    [InlineData("model", "")]
    [InlineData("net", "")]
    [InlineData("weights", "")]
    [InlineData("ema", "")]
    [InlineData("anything at all", "")]
    [InlineData("", "module.")]
    [InlineData("", "model.")]
    [InlineData("", "net.")]
    [InlineData("", "_orig_mod.")]
    [InlineData("", "module.model.")]
    [InlineData("", "densenet121.")]
    [InlineData("state_dict", "module.densenet121.")]
    [InlineData("state_dict", "model.")]
    public void Whatever_key_and_prefix_lead_to_the_weights_the_model_is_the_same(string key, string prefix)
    {
        byte[] file = File(pickle =>
        {
            if (key.Length == 0)
            {
                StateDict(pickle, prefix);
                return;
            }
            // Beside it what a training script saves: numbers, settings, an optimizer's state.
            pickle.Op('}').Op('(').Text("epoch").Int(5).Text("optimizer").Op('}').Op('(').Text("state").Op('}').Op('(').Int(0).Op('}');
            pickle.Op('(').Text("exp_avg").Tensor(0, [3], [1], count: s_numbers.Length).Op('u').Op('u').Op('u');
            StateDict(pickle.Text(key), prefix).Text("hyper_parameters").Op('}').Op('u');
        });

        Assert.True(s_plain.Value.AsSpan().SequenceEqual(Convert(file)));
    }

    [Fact]
    public void Weights_two_keys_deep_are_found()
    {
        byte[] file = File(pickle => StateDict(pickle.Op('}').Text("run").Op('}').Text("best")).Op('s').Op('s'));

        Assert.True(s_plain.Value.AsSpan().SequenceEqual(Convert(file)));
    }

    [Fact]
    public void Safetensors_make_the_model_that_the_pickle_makes()
    {
        StringBuilder header = new("{\"__metadata__\":{\"format\":\"pt\"}");
        MemoryStream data = new();
        foreach ((ParameterShape parameter, int offset) in Placed())
        {
            long start = data.Position;
            data.Write(s_storage.AsSpan(offset * sizeof(float), sizeof(float) * Count(parameter)));
            header.Append(CultureInfo.InvariantCulture, $",\"model.{parameter.Name}\":{{\"dtype\":\"F32\",\"shape\":[")
                .AppendJoin(',', parameter.Shape).Append(CultureInfo.InvariantCulture, $"],\"data_offsets\":[{start},{data.Position}]}}");
        }

        Assert.True(s_plain.Value.AsSpan().SequenceEqual(Convert(SafeTensorsTests.Of(header.Append('}').ToString(), data.ToArray()))));
    }

    [Fact]
    public void Layers_under_the_names_of_older_torchvision_are_found()
    {
        // torchvision's own pattern, of _load_state_dict in torchvision/models/densenet.py, the other way round.
        static string Old(string name)
        {
            string[] parts = name.Split('.');
            if (parts is [_, _, ['d', 'e', 'n', 's', 'e', 'l', 'a', 'y', 'e', 'r', ..], _, _])
                parts[3] = $"{parts[3][..^1]}.{parts[3][^1]}";
            return string.Join('.', parts);
        }
        Assert.Equal("features.denseblock1.denselayer16.norm.2.running_mean", Old("features.denseblock1.denselayer16.norm2.running_mean"));
        Assert.Equal("features.norm0.weight", Old("features.norm0.weight"));

        Assert.True(s_plain.Value.AsSpan().SequenceEqual(Convert(File(pickle => StateDict(pickle, "module.", Old)))));
    }

    [Fact]
    public void A_parameter_under_its_old_and_its_new_name_is_refused()
    {
        byte[] file = File(pickle => StateDict(pickle).Text("features.denseblock1.denselayer1.norm.1.bias")
            .Tensor(0, [64], [1], count: s_numbers.Length).Op('s'));

        AssertRefused(file, SeverityError.CheckpointLayout, "two tensors for 'features.denseblock1.denselayer1.norm1.bias'");
    }

    [Fact]
    public void What_stands_beside_the_prefix_is_no_part_of_the_network_and_what_stands_behind_it_is()
    {
        byte[] Extra(string name) => File(pickle => StateDict(pickle, "model.").Text(name)
            .Tensor(0, [64], [1], count: s_numbers.Length).Op('s'));

        Assert.True(s_plain.Value.AsSpan().SequenceEqual(Convert(Extra("loss.weight"))));
        AssertRefused(Extra("model.upsample.weight"), SeverityError.CheckpointLayout, "one parameter is unknown: upsample.weight");
    }

    [Fact]
    public void Of_several_that_fit_the_user_names_one()
    {
        byte[] file = File(pickle =>
        {
            StateDict(pickle.Op('}').Op('(').Text("ema"), "module.", shift: 1);
            StateDict(pickle.Text("state_dict")).Op('u');
        });

        AssertRefused(file, SeverityError.CheckpointLayout, "2 state dicts that all fit the network: 'ema.module', 'state_dict'");
        AssertRefused(file, SeverityError.CheckpointLayout, "--state-dict");
        AssertRefused(file, SeverityError.CheckpointLayout, "no state dict 'ema'; name one that it has: 'ema.module', 'state_dict'", "ema");
        Assert.True(s_plain.Value.AsSpan().SequenceEqual(Convert(file, stateDict: "state_dict")));
        Assert.False(s_plain.Value.AsSpan().SequenceEqual(Convert(file, stateDict: "ema.module")));
    }

    [Fact]
    public void Of_several_in_one_state_dict_the_prefix_names_one()
    {
        byte[] file = File(pickle => StateDict(StateDict(pickle), "ema.", shift: 1, into: true));

        AssertRefused(file, SeverityError.CheckpointLayout, "'.', 'ema'");
        Assert.True(s_plain.Value.AsSpan().SequenceEqual(Convert(file, stateDict: ".")));
        Assert.True(Convert(File(pickle => StateDict(pickle, shift: 1))).AsSpan().SequenceEqual(Convert(file, stateDict: "ema")));
    }

    [Fact]
    public void Weights_that_are_not_whole_do_not_count_beside_those_that_are()
    {
        byte[] file = File(pickle =>
        {
            StateDict(pickle.Op('}').Op('(').Text("best"), count: 300);
            StateDict(pickle.Text("last")).Op('u');
        });

        Assert.True(s_plain.Value.AsSpan().SequenceEqual(Convert(file)));
    }

    [Theory]
    [InlineData("FloatStorage", float.NaN, "NaN")]
    [InlineData("FloatStorage", float.NegativeInfinity, "-Infinity")]
    [InlineData("DoubleStorage", 1e300, "Infinity")]
    public void A_value_that_is_no_finite_float_is_refused_with_its_tensor(string type, double value, string text)
    {
        byte[] bad = type == "FloatStorage" ? MemoryMarshal.AsBytes<float>(Filled((float)value)).ToArray()
            : MemoryMarshal.AsBytes<double>(Filled(value)).ToArray();
        byte[] file = LegacyFile.Of(
            pickle => StateDict(pickle).Text("features.norm5.bias").Tensor(0, [1024], [1], type, 1024, "bad").Op('s'),
            ("s", s_numbers.Length, s_storage), ("bad", 1024, bad));

        AssertRefused(file, SeverityError.CheckpointInvalid, $"x: features.norm5.bias holds {text} in place 1000 of 1024");

        static T[] Filled<T>(T value)
        {
            T[] values = new T[1024];
            values[1000] = value;
            return values;
        }
    }

    [Fact]
    public void A_name_of_a_million_dots_is_soon_done_with()
    {
        byte[] file = File(pickle => StateDict(pickle).Text(new string('.', 4_000_000))
            .Tensor(0, [64], [1], count: s_numbers.Length).Op('s'));

        SeverityException error = Assert.Throws<SeverityException>(() => Convert(file));
        Assert.StartsWith("x: these are not the weights", error.Message, StringComparison.Ordinal);
    }

    static void AssertRefused(byte[] file, SeverityError code, string reason, string? stateDict = null)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => Convert(file, stateDict));
        Assert.Equal(code, error.Code);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    static byte[] Convert(byte[] file, string? stateDict = null) =>
        CheckpointConverter.ToModel(file, "x", new CidcHead(), s_contract, stateDict: stateDict).ToArray();

    static byte[] File(Action<PickleWriter> value) => LegacyFile.Of(value, ("s", s_numbers.Length, s_storage));

    /// <summary>Pushes a dict of parameters, or adds them to the dict on the stack.</summary>
    static PickleWriter StateDict(
        PickleWriter pickle, string prefix = "", Func<string, string>? rename = null, int shift = 0, int count = int.MaxValue,
        bool into = false)
    {
        if (!into)
            pickle.Op('}');
        pickle.Op('(');
        foreach ((ParameterShape parameter, int offset) in Placed().Take(count))
        {
            long[] sizes = [.. parameter.Shape.Select(d => (long)d)];
            long[] strides = [.. sizes.Select((_, i) => sizes.Skip(i + 1).Aggregate(1L, (product, d) => product * d))];
            pickle.Text(prefix + (rename?.Invoke(parameter.Name) ?? parameter.Name))
                .Tensor(offset + shift, sizes, strides, count: s_numbers.Length);
        }
        return pickle.Op('u');
    }

    /// <summary>Each parameter at a place of its own in the one storage, which holds the largest from each of them on.</summary>
    static IEnumerable<(ParameterShape Parameter, int Offset)> Placed() => s_parameters.Select((parameter, i) => (parameter, 7 * i));

    static int Count(ParameterShape parameter) => parameter.Shape.Aggregate(1, (product, d) => product * d);
}
