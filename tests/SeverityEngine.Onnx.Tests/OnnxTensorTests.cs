using Google.Protobuf;
using SeverityEngine.Onnx.Schema;

namespace SeverityEngine.Onnx.Tests;

public class OnnxTensorTests
{
    [Fact]
    public void Values_come_back_as_they_went_in()
    {
        Same<float>(1.5f, -0f, float.NaN);
        Same(1.5, double.MaxValue);
        Same((Half)1.5f, Half.MinValue);
        Same<byte>(0, 255);
        Same<sbyte>(-128, 127);
        Same<ushort>(0, 65535);
        Same<short>(short.MinValue, 7);
        Same<int>(int.MinValue, 7);
        Same(long.MinValue, 7L);
        Same(uint.MaxValue, 7u);
        Same(ulong.MaxValue, 7ul);
        Same(true, false);
    }

    [Fact]
    public void A_reading_of_another_type_names_the_tensor_and_both_types()
    {
        OnnxException fault = Assert.Throws<OnnxException>(() => { OnnxTensor.Vector("w", 1f).Values<long>(); });
        Assert.Equal(OnnxFault.Invalid, fault.Fault);
        Assert.Equal("tensor 'w' holds Float32, where Int64 is needed", fault.Message);
    }

    [Fact]
    public void Dimensions_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => OnnxTensor.Create<float>("w", [2, 2], [1, 2, 3]));
        Assert.Throws<ArgumentException>(() => OnnxTensor.Vector("w", 1f, 2f).Reshaped(3));
        Assert.Throws<ArgumentException>(() => OnnxTensor.Create<float>("w", [-1, -1], [1]));
    }

    [Fact]
    public void Reshaped_and_renamed_tensors_share_their_memory()
    {
        OnnxTensor tensor = OnnxTensor.Create<float>("w", [2, 2], [1, 2, 3, 4]);
        OnnxTensor other = tensor.Reshaped(4, 1).Named("v");
        Assert.Equal("v: Float32 [4, 1]", other.ToString());
        Assert.True(tensor.Bytes == other.Bytes);
    }

    [Fact]
    public void Values_in_typed_lists_are_read_as_the_specification_has_it()
    {
        Assert.Equal([1.5f, -2], Read(OnnxElementType.Float32, t => t.FloatData.Add([1.5f, -2])).Values<float>().ToArray());
        Assert.Equal([1.5, -2], Read(OnnxElementType.Float64, t => t.DoubleData.Add([1.5, -2])).Values<double>().ToArray());
        Assert.Equal([5, -2], Read(OnnxElementType.Int64, t => t.Int64Data.Add([5, -2])).Values<long>().ToArray());
        Assert.Equal([5, -2], Read(OnnxElementType.Int32, t => t.Int32Data.Add([5, -2])).Values<int>().ToArray());
        Assert.Equal([5, -2], Read(OnnxElementType.Int8, t => t.Int32Data.Add([5, -2])).Values<sbyte>().ToArray());
        Assert.Equal([5, 254], Read(OnnxElementType.UInt8, t => t.Int32Data.Add([5, 254])).Values<byte>().ToArray());
        Assert.Equal([(Half)1, (Half)(-2)], Read(OnnxElementType.Float16, t => t.Int32Data.Add([0x3c00, 0xc000])).Values<Half>().ToArray());
        Assert.Equal([true, false], Read(OnnxElementType.Boolean, t => t.Int32Data.Add([1, 0])).Values<bool>().ToArray());
    }

    [Theory]
    [InlineData(new long[] { 3 }, "needs 12 bytes and has 8")]
    [InlineData(new long[] { -1 }, "impossible dimensions [-1]")]
    [InlineData(new[] { 1L << 40 }, "impossible dimensions")]
    [InlineData(new[] { 1L << 20, 1L << 20, 1L << 20, 1L << 20 }, "impossible dimensions")]
    [InlineData(new[] { 1L << 30 }, "impossible dimensions")]
    public void Lengths_are_checked_against_dimensions_before_memory_is_taken(long[] dimensions, string expected)
    {
        TensorProto proto = new() { Name = "w", DataType = (int)OnnxElementType.Float32, RawData = ByteString.CopyFrom(new byte[8]) };
        proto.Dims.AddRange(dimensions);
        OnnxException fault = Assert.Throws<OnnxException>(() => new OnnxTensor(proto, "some.onnx"));
        Assert.Equal(OnnxFault.Invalid, fault.Fault);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
        Assert.StartsWith("some.onnx: tensor 'w'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_the_wrong_length_or_type_is_refused()
    {
        Assert.Throws<OnnxException>(() => Read(OnnxElementType.Float32, t => t.FloatData.Add([1, 2, 3])));
        Assert.Throws<OnnxException>(() => Read(OnnxElementType.Float32, t => t.Int32Data.Add([1, 2])));
        Assert.Throws<OnnxException>(() => Read(OnnxElementType.Text, t => t.Int32Data.Add([1, 2])));
        Assert.Throws<OnnxException>(() => Read((OnnxElementType)99, t => t.Int32Data.Add([1, 2])));
    }

    static void Same<T>(params T[] values) where T : unmanaged =>
        Assert.Equal(values, OnnxTensor.Vector<T>("w", values).Values<T>().ToArray());

    static OnnxTensor Read(OnnxElementType type, Action<TensorProto> fill)
    {
        TensorProto proto = new() { Name = "w", DataType = (int)type };
        proto.Dims.Add(2);
        fill(proto);
        return new OnnxTensor(proto, "some.onnx");
    }
}
