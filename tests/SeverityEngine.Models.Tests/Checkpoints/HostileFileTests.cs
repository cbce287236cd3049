using System.Diagnostics;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests.Checkpoints;

public class HostileFileTests
{
    static readonly byte[] s_sixFloats = new byte[24];

    [Theory]
    [InlineData("cposix\nsystem\n")]
    [InlineData("\u008c\u0005posix\u008c\u0006system\u0093")]
    public void A_call_of_the_system_is_kept_as_a_name_and_leaves_no_trace(string callee)
    {
        string trace = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        byte[] pickle = new PickleWriter().Raw([.. callee.Select(c => (byte)c)]).Text($"touch {trace}").Op(0x85).Op('R').Op('.').ToArray();

        PickleObject call = Assert.IsType<PickleObject>(new PickleReader(pickle, 0, new ReadContext("test", PickleLimits.Default)).Read());
        SeverityException error = Invalid(LegacyFile.Of(file => file.Raw(pickle.AsSpan()[..^1])), SeverityError.CheckpointLayout);

        Assert.Equal("posix.system", call.Class.FullName);
        Assert.Equal($"touch {trace}", Assert.Single(call.Args.Items.ToArray()));
        Assert.Contains("'posix.system'", error.Message, StringComparison.Ordinal);
        Assert.False(Path.Exists(trace));
        // Nor could it be otherwise: the assembly has no way to start a process, nor to load code.
        Assert.DoesNotContain(
            typeof(CheckpointFile).Assembly.GetReferencedAssemblies(),
            used => used.Name is "System.Diagnostics.Process" or "System.Runtime.Loader"
            || used.Name!.StartsWith("System.Reflection", StringComparison.Ordinal));
    }

    [Fact]
    public void A_hostile_call_beside_sound_weights_does_not_keep_them_from_being_read()
    {
        byte[] file = LegacyFile.Of(
            pickle => pickle.Op('}').Op('(').Text("hook").Global("posix", "system").Text("id").Op(0x85).Op('R').Text("w").Tensor(
            0, [2, 3], [3, 1]).Op('u'),
            ("s", 6, s_sixFloats));

        Assert.Equal(["w"], CheckpointFile.Read(file).Tensors.Keys);
    }

    public static TheoryData<string> Files() => [.. Samples.Names("*.p*").Where(
        name => !name.StartsWith("refuse-", StringComparison.Ordinal) && !name.EndsWith(".tsv", StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Files))]
    public void A_file_cut_off_anywhere_is_refused_with_the_place(string name)
    {
        byte[] bytes = Samples.Bytes(name);
        for (int length = 0; length < bytes.Length; length++)
        {
            ReadOnlyMemory<byte> cut = bytes.AsMemory(0, length);
            SeverityException error = Assert.Throws<SeverityException>(
                () => _ = name.EndsWith(".pkl", StringComparison.Ordinal) ? (object)MlpHead.Read(cut) : CheckpointFile.Read(cut));
            Assert.Equal(SeverityError.CheckpointInvalid, error.Code);
            Assert.Contains(": at byte ", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("standin-module-legacy.pt", "(storage ")]
    [InlineData("standin-statedict-zip.pt", "(zip directory)")]
    public void A_download_that_broke_off_is_refused_and_told_so(string name, string place)
    {
        byte[] bytes = File.ReadAllBytes(TestData.Get("checkpoints", name));

        SeverityException error = Invalid(bytes.AsMemory(0, bytes.Length / 2));

        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("download it again", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    // Outside the storage.
    [InlineData(0L, new[] { 2L, 4 }, new[] { 3L, 1 }, "element 0 to 6 of a storage of 6")]
    [InlineData(1L, new[] { 2L, 3 }, new[] { 3L, 1 }, "element 1 to 6")]
    [InlineData(-1L, new[] { 2L }, new[] { 1L }, "element -1 to 0")]
    [InlineData(6L, new long[0], new long[0], "element 6 to 6")]
    [InlineData(long.MaxValue, new[] { 2L }, new[] { long.MaxValue }, "element 9223372036854775807 to 18446744073709551614")]
    // No tensors at all.
    [InlineData(0L, new[] { 2L, 3 }, new[] { 3L, -1 }, "stride -1")]
    [InlineData(0L, new[] { -2L, 3 }, new[] { 3L, 1 }, "size -2")]
    [InlineData(0L, new[] { 2L, 3 }, new[] { 1L }, "2 dimensions with 1 strides")]
    [InlineData(0L, new[] { 1L << 62, 1L << 62 }, new[] { 0L, 0 }, "more elements than fit")]
    [InlineData(0L, new[] { 0L, 1L << 62 }, new[] { 0L, 0 }, "more elements than fit")]
    // One element seen a hundred million times.
    [InlineData(0L, new[] { 100_000_000L }, new[] { 0L }, "beyond the limit of 10000000")]
    public void A_tensor_that_does_not_lie_in_its_storage_is_refused(long offset, long[] sizes, long[] strides, string reason)
    {
        byte[] file = LegacyFile.Of(pickle => pickle.Op('}').Text("w").Tensor(offset, sizes, strides).Op('s'), ("s", 6, s_sixFloats));

        SeverityException error = Invalid(file, limits: new PickleLimits { MaxMemoryBytes = 10_000_000 });

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("(REDUCE)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stretch_of_a_storage_is_read_and_one_beyond_it_refused()
    {
        byte[] data = [.. Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes((float)i))];
        byte[] With(long first, long count) => LegacyFile.Of(
            pickle => pickle.Op('}').Text("w").Tensor(
            1, [2], [1], view: id => id.Op('(').Text("v").Long(first).Long(count).Op('t')).Op('s'), ("s", 6, data));

        Assert.Equal([3f, 4f], CheckpointFile.Read(With(2, 3)).Tensors["w"].Values.ToArray());
        Assert.Contains("elements 2 to 7 of storage 's', which has 6", Invalid(With(2, 5)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "elements 9223372036854775807 to 9223372036854775809", Invalid(With(long.MaxValue, 2)).Message, StringComparison.Ordinal);
        Assert.Contains("elements -1 to 1", Invalid(With(-1, 2)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s", 6L, 24, 6L, null)]
    [InlineData("s", 7L, 24, 6L, "7 elements where its tensors speak of 6")]
    [InlineData("s", -6L, 24, 6L, "-6 elements")]
    [InlineData("t", 6L, 24, 6L, "that no tensor uses")]
    [InlineData("s", 6L, 23, 6L, "needs 24 bytes where 23 are left")]
    [InlineData("s", long.MaxValue, 24, long.MaxValue, "needs 36893488147419103228 bytes")]
    public void Storages_have_to_be_what_the_pickle_says(string key, long count, int bytes, long said, string? reason)
    {
        byte[] file =
            LegacyFile.Of(pickle => pickle.Op('}').Text("w").Tensor(0, [2, 3], [3, 1], count: said).Op('s'), (key, count, new byte[bytes]));

        if (reason is null)
            Assert.Single(CheckpointFile.Read(file).Tensors);
        else
            Assert.Contains(reason, Invalid(file).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_storage_that_is_not_in_the_file_is_named() =>
        Assert.Contains("the storage 's'", Invalid(LegacyFile.Of(pickle => pickle.Op('}').Text("w").Tensor(0, [1], [1]).Op('s'))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_module_inside_itself_is_refused()
    {
        byte[] file = LegacyFile.Of(pickle => pickle.Global("m", "M").Op(')').Op(0x81).Op(0x94)
            .Op('}').Op('(').Text("_parameters").Op('}').Text("_modules").Op('}').Text("self").Op('h').Op(0).Op('s').Op('u').Op('b'));

        Assert.Contains("one inside itself", Invalid(file).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Modules_that_double_at_each_level_end_at_a_limit()
    {
        // Each level's module holds the one below twice, so that thirty of them would list a thousand million names.
        PickleWriter Level(PickleWriter pickle, int depth) => pickle.Module(
            parameters => { },
            children =>
            {
                if (depth == 30)
                    return;
                Level(children.Text("a"), depth + 1).Op(0x94).Text("b").Op('h').Op(29 - depth);
            });
        byte[] file = LegacyFile.Of(pickle => Level(pickle, 0));
        Stopwatch time = Stopwatch.StartNew();

        SeverityException error = Invalid(file, limits: new PickleLimits { MaxObjects = 100_000 });

        Assert.Contains("more than 100000 objects", error.Message, StringComparison.Ordinal);
        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void Tuples_that_double_at_each_level_take_no_more_memory_than_they_are_written_with()
    {
        PickleWriter pickle = new PickleWriter().Op(')');
        pickle.Repeat(200, (byte)'2', 0x86);
        byte[] file = pickle.Op('.').ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();

        new PickleReader(file, 0, new ReadContext("test", PickleLimits.Default)).Read();

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Theory]
    [InlineData(0x85)]
    [InlineData('(')]
    [InlineData(']')]
    public void A_million_levels_of_nesting_end_at_a_limit(int opcode)
    {
        PickleWriter pickle = new PickleWriter().Op(')').Repeat(1 << 21, (byte)opcode);
        if (opcode == ']')
            pickle.Repeat(1 << 21, (byte)'a');

        Assert.Contains(
            ReadContext.BeyondLimit, Invalid(LegacyFile.Of(file => file.Raw(pickle.ToArray()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_holds_itself_is_no_checkpoint_and_no_hang() =>
        Invalid(LegacyFile.Of(pickle => pickle.Op(']').Op(0x94).Op('h').Op(0).Op('a')), SeverityError.CheckpointLayout);

    static SeverityException Invalid(
        ReadOnlyMemory<byte> file, SeverityError code = SeverityError.CheckpointInvalid, PickleLimits? limits = null)
    {
        SeverityException error = Assert.Throws<SeverityException>(() => CheckpointFile.Read(file, limits: limits));
        Assert.Equal(code, error.Code);
        return error;
    }
}
