using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Pickle;

namespace SeverityEngine.Models.Tests.Checkpoints;

public class HostileZipTests
{
    const string Root = "module-zip/";

    static readonly Dictionary<string, byte[]> s_sound = TestZip.Entries(Samples.Bytes("module-zip.pt"));

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.SmallestSize)]
    public void An_archive_that_another_tool_packed_again_holds_the_same_tensors(CompressionLevel level)
    {
        Checkpoint checkpoint = CheckpointFile.Read(TestZip.Of(s_sound, level));

        Samples.AssertTensors(Samples.Expected("module-zip.pt"), checkpoint.Tensors.Values);
    }

    [Theory]
    [InlineData("data.pkl", SeverityError.CheckpointLayout, "without a folder that holds data.pkl")]
    [InlineData("data/0", SeverityError.CheckpointInvalid, "no entry 'module-zip/data/0'")]
    public void An_entry_that_is_missing_is_named(string entry, SeverityError code, string reason)
    {
        SeverityException error = Refused(TestZip.Of(s_sound.Where(pair => pair.Key != Root + entry)), code);

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version", "99\n", SeverityError.CheckpointLayout, "archive version '99'")]
    [InlineData("byteorder", "middle", SeverityError.CheckpointInvalid, "byte order 'middle'")]
    [InlineData("data/0", "few", SeverityError.CheckpointInvalid, "3 bytes for a storage of 1 elements")]
    [InlineData("data.pkl", "cos\nsystem\nK\u0001R.", SeverityError.CheckpointInvalid, "('module-zip/data.pkl'): at byte 13 (REDUCE)")]
    [InlineData("version", "1234567890123456789012345678901234567890123456789012345678901234567890", SeverityError.CheckpointInvalid,
        "where a word belongs")]
    public void An_entry_with_other_content_is_refused(string entry, string content, SeverityError code, string reason)
    {
        Dictionary<string, byte[]> entries = new(s_sound) { [Root + entry] = Encoding.Latin1.GetBytes(content) };

        Assert.Contains(reason, Refused(TestZip.Of(entries), code).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_folder_with_a_value_is_refused() =>
        Assert.Contains(
            "more than one folder", Refused(TestZip.Of([.. s_sound, new("other/data.pkl", [])]), SeverityError.CheckpointLayout).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_flipped_bit_in_a_storage_is_found()
    {
        byte[] file = Samples.Bytes("module-zip.pt");
        byte[] storage = s_sound[Root + "data/2"];
        file[file.AsSpan().IndexOf(storage)] ^= 1;

        SeverityException error = Refused(file);

        Assert.Contains("(zip entry 'module-zip/data/2'): does not have the CRC-32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_without_sums_is_read()
    {
        byte[] file = Samples.Bytes("module-zip.pt");
        for (int entry = Directory(file); BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(entry)) == 0x02014b50;
            entry = Next(file, entry))
            file.AsSpan(entry + 16, 4).Clear();

        Samples.AssertTensors(Samples.Expected("module-zip.pt"), CheckpointFile.Read(file).Tensors.Values);
    }

    [Theory]
    // Offsets in the directory's first entry, data.pkl.
    [InlineData(8, 1u, 2, "is encrypted")]
    [InlineData(10, 93u, 2, "packed by method 93")]
    [InlineData(10, 8u, 2, "cannot be unpacked")]
    [InlineData(16, 12345u, 4, "CRC-32")]
    [InlineData(20, 0x7fffffffu, 4, "reach beyond it or overlap")]
    [InlineData(24, 0x7fffffffu, 4, "for 2147483647")]
    [InlineData(28, 0xffffu, 2, "entry of 65")]
    [InlineData(42, 0xfffffff0u, 4, "no header before the directory")]
    [InlineData(42, 1u, 4, "no header where the directory says")]
    public void A_directory_entry_that_lies_is_refused(int offset, uint value, int size, string reason)
    {
        byte[] file = Samples.Bytes("module-zip.pt");
        BitConverter.GetBytes(value).AsSpan(0, size).CopyTo(file.AsSpan(Directory(file) + offset));

        Assert.Contains(reason, Refused(file).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, 0xfffeu, 2, "65534 entries")]
    [InlineData(12, 0x7fffffffu, 4, "2147483647 bytes")]
    [InlineData(16, 0xfffffffeu, 4, "starts at byte 4294967294")]
    [InlineData(20, 5u, 2, "no zip directory at its end")]
    public void An_end_record_that_lies_is_refused(int offset, uint value, int size, string reason)
    {
        byte[] file = TestZip.Of(s_sound);
        BitConverter.GetBytes(value).AsSpan(0, size).CopyTo(file.AsSpan(file.Length - 22 + offset));

        Assert.Contains(reason, Refused(file).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-42 + 8, ulong.MaxValue, "zip64 record at byte 18446744073709551615")]
    [InlineData(-42 + 8, 0ul, "zip64 record at byte 0")]
    [InlineData(-98 + 32, ulong.MaxValue, "18446744073709551615 entries")]
    [InlineData(-98 + 40, ulong.MaxValue, "18446744073709551615 bytes")]
    [InlineData(-98 + 48, ulong.MaxValue, "starts at byte 18446744073709551615")]
    public void A_zip64_end_record_that_lies_is_refused(int offsetFromEnd, ulong value, string reason)
    {
        // PyTorch always writes one, before the locator and the end record.
        byte[] file = Samples.Bytes("module-zip.pt");
        BitConverter.GetBytes(value).CopyTo(file.AsSpan(file.Length - 22 + offsetFromEnd + 22));

        Assert.Contains(reason, Refused(file).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_entries_of_one_name_are_refused() =>
        Assert.Contains(
            "two entries named 'module-zip/data.pkl'", Refused(TestZip.Of([.. s_sound, new(Root + "data.pkl", [])])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Entries_that_overlap_are_refused()
    {
        byte[] file = Samples.Bytes("module-zip.pt");
        int first = Directory(file);
        int length = BitConverter.ToInt32(file, first + 20);
        for (int entry = Next(file, first); BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(entry)) == 0x02014b50;
            entry = Next(file, entry))
        {
            // Sizes and place of data.pkl.
            file.AsSpan(first + 20, 8).CopyTo(file.AsSpan(entry + 20));
            file.AsSpan(first + 42, 4).CopyTo(file.AsSpan(entry + 42));
        }

        Assert.True(length > 1000);
        Assert.Contains("overlap", Refused(file).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, "beyond the directory")]
    [InlineData(0, "no header before the directory")]
    public void An_entry_whose_data_would_be_in_the_directory_is_refused(int before, string reason)
    {
        byte[] file = Samples.Bytes("module-zip.pt");
        int directory = Directory(file);
        int header = directory - 30 - before;
        new byte[] { (byte)'P', (byte)'K', 3, 4 }.CopyTo(file, header);
        file.AsSpan(header + 26, 4).Clear();
        BitConverter.GetBytes(before == 0 ? header + 1 : header).CopyTo(file, directory + 42);

        Assert.Contains(reason, Refused(file).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_is_refused_before_memory_is_taken_for_it()
    {
        Dictionary<string, byte[]> entries = new(s_sound) { [Root + "data.pkl"] = new byte[50_000_000] };
        byte[] file = TestZip.Of(entries, CompressionLevel.SmallestSize);
        long before = GC.GetAllocatedBytesForCurrentThread();

        SeverityException error = Assert.Throws<SeverityException>(
            () => CheckpointFile.Read(file, limits: new PickleLimits { MaxMemoryBytes = 10_000_000 }));

        Assert.Contains(ReadContext.BeyondLimit, error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Theory]
    [InlineData(-1, "more than the")]
    [InlineData(1, "cannot be unpacked")]
    [InlineData(1_000_000_000, "unpacked from")]
    public void A_deflated_entry_has_to_have_the_size_it_claims(int more, string reason)
    {
        byte[] file = TestZip.Of(s_sound, CompressionLevel.SmallestSize);
        Span<byte> size = file.AsSpan(Directory(file) + 24, 4);
        BinaryPrimitives.WriteInt32LittleEndian(size, BinaryPrimitives.ReadInt32LittleEndian(size) + more);

        Assert.Contains(reason, Refused(file).Message, StringComparison.Ordinal);
    }

    static int Directory(byte[] file) => file.AsSpan().IndexOf((ReadOnlySpan<byte>)[(byte)'P', (byte)'K', 1, 2]);

    static int Next(byte[] file, int entry) =>
        entry + 46 + BitConverter.ToUInt16(file, entry + 28) + BitConverter.ToUInt16(file, entry + 30)
        + BitConverter.ToUInt16(file, entry + 32);

    static SeverityException Refused(byte[] file, SeverityError code = SeverityError.CheckpointInvalid)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => CheckpointFile.Read(file));
        Assert.Equal(code, error.Code);
        return error;
    }
}
