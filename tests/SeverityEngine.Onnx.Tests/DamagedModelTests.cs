using SeverityEngine.Onnx.Passes;

namespace SeverityEngine.Onnx.Tests;

public class DamagedModelTests
{
    static readonly byte[][] s_files = [Graphs.Network().ToArray(), Graphs.WithFunctions().ToArray()];

    [Fact]
    public void A_file_cut_anywhere_is_refused_or_still_a_model()
    {
        foreach (byte[] bytes in s_files)
        {
            for (int length = 0; length < bytes.Length; length++)
                ReadAll(bytes.AsSpan(0, length));
        }
    }

    [Fact]
    public void A_file_with_wrong_bytes_is_refused_or_still_a_model()
    {
        Random random = new(11);
        for (int round = 0; round < 60_000; round++)
        {
            byte[] bytes = s_files[round % s_files.Length];
            byte[] damaged = (byte[])bytes.Clone();
            for (int i = random.Next(1, 6); i > 0; i--)
                damaged[random.Next(damaged.Length)] = random.Next(4) == 0 ? (byte)0xff : (byte)random.Next(256);
            ReadAll(damaged);
        }
    }

    [Fact]
    public void A_file_with_bytes_cut_out_or_put_in_is_refused_or_still_a_model()
    {
        Random random = new(12);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = s_files[round % s_files.Length];
            int at = random.Next(bytes.Length), count = random.Next(1, 20);
            byte[] put = new byte[random.Next(20)];
            random.NextBytes(put);
            ReadAll([.. bytes.AsSpan(0, at), .. put, .. bytes.AsSpan(Math.Min(bytes.Length, at + count))]);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html><body>404</body></html>")]
    [InlineData("{\"format\": 1}")]
    [InlineData("\u0003\u0003\u0003\u0003")]
    public void A_file_of_something_else_is_refused(string text)
    {
        OnnxException fault = Assert.Throws<OnnxException>(() => OnnxModel.Parse(System.Text.Encoding.Latin1.GetBytes(text), "some.onnx"));
        Assert.Equal(OnnxFault.Invalid, fault.Fault);
        Assert.StartsWith("some.onnx: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_length_beyond_the_file_takes_no_memory()
    {
        // Field 7, the graph, of 2 GiB - 1 bytes; then a tensor's raw data of 1 GiB within a graph.
        foreach (byte[] bytes in (byte[][])[[0x3a, 0xff, 0xff, 0xff, 0xff, 0x07, 1],
            [0x3a, 0x09, 0x2a, 0x07, 0x4a, 0x80, 0x80, 0x80, 0x80, 0x04, 0]])
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Equal(OnnxFault.Invalid, Assert.Throws<OnnxException>(() => OnnxModel.Parse(bytes)).Fault);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x0a, 0x00 })] // nodes
    [InlineData(new byte[] { 0x2a, 0x00 })] // initializers
    [InlineData(new byte[] { 0x0a, 0x04, 0x2a, 0x00, 0x2a, 0x00 })] // nodes of two attributes
    [InlineData(new byte[] { 0x5a, 0x0a, 0x12, 0x08, 0x0a, 0x06, 0x12, 0x04, 0x0a, 0x00, 0x0a, 0x00 })] // inputs of two dimensions
    [InlineData(new byte[] { 0x7b, 0x7c })] // groups that are not known
    public void A_small_file_of_countless_parts_takes_no_memory(byte[] part) =>
        RefusesCountlessParts([0x3a, 0x80, 0xb6, 0xdc, 0x05], part); // field 7, the graph, of 12,000,000 bytes

    [Theory]
    [InlineData(new byte[] { 0x22, 0x00 })] // inputs
    [InlineData(new byte[] { 0x3a, 0x04, 0x2a, 0x00, 0x2a, 0x00 })] // nodes of two attributes
    [InlineData(new byte[] { 0x5a, 0x04, 0x42, 0x00, 0x42, 0x00 })] // defaults of attributes, of two numbers
    [InlineData(new byte[] { 0x4a, 0x04, 0x08, 0x00, 0x08, 0x00 })] // operator sets
    public void A_function_of_countless_parts_takes_no_memory(byte[] part) =>
        RefusesCountlessParts([0xca, 0x01, 0x80, 0xb6, 0xdc, 0x05], part); // field 25, a function, of 12,000,000 bytes

    [Fact]
    public void Countless_functions_take_no_memory() => RefusesCountlessParts([], [0xca, 0x01, 0x00]);

    static void RefusesCountlessParts(byte[] start, byte[] part)
    {
        byte[] bytes = new byte[start.Length + 12_000_000];
        start.CopyTo(bytes, 0);
        for (int at = start.Length; at < bytes.Length; at += part.Length)
            part.CopyTo(bytes, at);
        long before = GC.GetAllocatedBytesForCurrentThread();
        OnnxException fault = Assert.Throws<OnnxException>(() => OnnxModel.Parse(bytes, "some.onnx"));
        Assert.Equal("some.onnx: the model has more than 2000000 parts, which no network needs", fault.Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        // A million starts of a group in a field that is not known, each within the last.
        byte[] bytes = new byte[1_000_000];
        Array.Fill(bytes, (byte)0x7b);
        Assert.Equal(OnnxFault.Invalid, Assert.Throws<OnnxException>(() => OnnxModel.Parse(bytes)).Fault);
    }

    /// <summary>Reads, checks and writes; anything but an error of the one kind fails the test.</summary>
    static void ReadAll(ReadOnlySpan<byte> bytes)
    {
        try
        {
            OnnxModel model = OnnxModel.Parse(bytes);
            model.ToArray();
            model.Graph.RemoveUnused();
            GraphChecker.Check(model, allowUnknownOperators: true);
            EnginePasses.Apply(model);
            StandardOperators.Restore(model);
            GraphChecker.Check(model, allowUnknownOperators: true);
        }
        catch (OnnxException e)
        {
            Assert.Equal(OnnxFault.Invalid, e.Fault);
        }
    }
}
