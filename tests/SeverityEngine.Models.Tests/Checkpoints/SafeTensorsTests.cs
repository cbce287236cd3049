using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using SeverityEngine.Models.Checkpoints;

namespace SeverityEngine.Models.Tests.Checkpoints;

public class SafeTensorsTests
{
    const string One = """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_file_has_the_tensors_that_numpy_reads_from_its_bytes_wherever_they_lie(int shift)
    {
        JsonElement expected = Samples.Expected("kinds.safetensors", "safetensors.json");
        byte[] shifted = [.. new byte[shift], .. Samples.Bytes("kinds.safetensors")];

        Checkpoint checkpoint = CheckpointFile.Read(shifted.AsMemory(shift));

        Assert.Equal(expected.GetProperty("form").GetString(), checkpoint.Form.ToString());
        Assert.Equal(".", checkpoint.StateDict);
        Assert.Null(checkpoint.ModuleClass);
        Samples.AssertTensors(expected, checkpoint.Tensors.Values);
    }

    [Theory]
    [InlineData("{}", 0, SeverityError.CheckpointLayout, "no tensor")]
    [InlineData("{\"__metadata__\":{\"format\":\"pt\"}}", 0, SeverityError.CheckpointLayout, "no tensor")]
    [InlineData("{", 0, SeverityError.CheckpointInvalid, "no JSON")]
    [InlineData("{}{}", 0, SeverityError.CheckpointInvalid, "no JSON")]
    [InlineData("{\"\\ud800\":1}", 0, SeverityError.CheckpointInvalid, "no JSON")]
    [InlineData("{\"a\":[]}", 0, SeverityError.CheckpointInvalid, "without \"dtype\", \"shape\" and \"data_offsets\"")]
    [InlineData("{\"a\":{}}", 0, SeverityError.CheckpointInvalid, "without \"dtype\", \"shape\" and \"data_offsets\"")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, SeverityError.CheckpointInvalid, "without")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, SeverityError.CheckpointInvalid, "without")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}""", 4, SeverityError.CheckpointInvalid, "without")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", 4, SeverityError.CheckpointInvalid, "without")]
    [InlineData(One, 3, SeverityError.CheckpointInvalid, "speaks of 4 bytes of tensors, and 3 follow")]
    [InlineData(One, 5, SeverityError.CheckpointInvalid, "speaks of 4 bytes of tensors, and 5 follow")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, SeverityError.CheckpointInvalid, "at byte 4 of the data")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8,
        SeverityError.CheckpointInvalid, "where one ends at 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8,
        SeverityError.CheckpointInvalid, "two tensors named 'a'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, SeverityError.CheckpointInvalid, "a storage of 1")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}""", 8, SeverityError.CheckpointInvalid, "8 bytes for 1 elements")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,2],"data_offsets":[0,4]}}""", 4, SeverityError.CheckpointInvalid,
        "more elements than fit")]
    [InlineData("""{"a":{"dtype":"F32","shape":[],"data_offsets":[0,9223372036854775807]}}""", 4, SeverityError.CheckpointInvalid,
        "speaks of 9223372036854775807 bytes")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""", 4, SeverityError.CheckpointLayout, "type 'F8_E4M3'")]
    public void What_breaks_the_format_is_refused_with_its_reason(string header, int dataBytes, SeverityError code, string reason)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => CheckpointFile.Read(Of(header, new byte[dataBytes]), "x"));

        Assert.Equal(code, error.Code);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("x: at byte ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1UL << 31, 64, "a header of 2147483648 bytes where")]
    [InlineData(0xffffffffUL, 64, "a header of 4294967295 bytes where")]
    [InlineData(17UL << 20, 18 << 20, "beyond the limit")]
    public void A_header_that_claims_too_much_takes_no_memory(ulong claimed, int present, string reason)
    {
        byte[] file = new byte[present];
        BinaryPrimitives.WriteUInt64LittleEndian(file, claimed);
        file[8] = (byte)'{';
        long before = GC.GetAllocatedBytesForCurrentThread();

        SeverityException error = Assert.Throws<SeverityException>(() => CheckpointFile.Read(file));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
        Assert.Equal(SeverityError.CheckpointInvalid, error.Code);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_part_of_a_file_is_refused()
    {
        byte[] file = Samples.Bytes("kinds.safetensors");
        for (int length = 1; length < file.Length; length++)
        {
            SeverityException error = Assert.Throws<SeverityException>(() => CheckpointFile.Read(file.AsMemory(0, length)));
            Assert.Equal(SeverityError.CheckpointInvalid, error.Code);
        }
    }

    /// <summary>A file of a header and data.</summary>
    public static byte[] Of(string header, byte[] data)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((ulong)text.Length), .. text, .. data];
    }
}
