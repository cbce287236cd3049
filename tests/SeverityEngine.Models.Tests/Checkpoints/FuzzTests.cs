using System.Diagnostics;
using System.Globalization;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Models.Checkpoints.Pickle;
using SeverityEngine.Models.Checkpoints.PyTorch;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests.Checkpoints;

/// <summary>
/// Mutations of sound files: whatever the bytes, the reader ends with tensors or a <see cref="SeverityException"/>, soon, and within the
/// memory it is allowed. SEVERITY_FUZZ_ITERATIONS sets how many there are; each can be repeated from the number that a failure names.
/// </summary>
public class FuzzTests
{
    const int Seed = 20_200_525;
    // As much as the samples need, and little more. Messages, stack traces and the runtime's own caches come on top.
    const long MemoryLimit = 512 << 10;
    const long Slack = 128 << 10;

    static readonly PickleLimits s_limits = new() { MaxMemoryBytes = MemoryLimit };
    static readonly byte[] s_instructions = [.. Enum.GetValues<Opcode>().Select(opcode => (byte)opcode)];
    static readonly uint[] s_extremes = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];

    static int Iterations { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("SEVERITY_FUZZ_ITERATIONS"), CultureInfo.InvariantCulture, out int asked)
        ? asked : 5000;

    [Fact]
    public void Mutations_of_the_samples_end_in_tensors_or_an_error()
    {
        List<Source> sources = [];
        foreach (string name in Samples.Names("*.pt"))
        {
            byte[] file = Samples.Bytes(name);
            sources.Add(new(file, ReadCheckpoint));
            if (file[0] != 'P')
                continue;
            // An archive's sums give most mutations away; one that is packed again with what was changed lets them through to the pickle.
            Dictionary<string, byte[]> entries = TestZip.Entries(file);
            string pickle = entries.Keys.First(entry => entry.EndsWith("data.pkl", StringComparison.Ordinal));
            sources.Add(new(
                entries[pickle], ReadCheckpoint, mutated => TestZip.Of(new Dictionary<string, byte[]>(entries) { [pickle] = mutated })));
        }
        foreach (string name in Samples.Names("*.pkl"))
            sources.Add(new(Samples.Bytes(name), ReadHead));
        int refused = Fuzz(sources, Iterations);
        // Both ways are gone.
        Assert.InRange(refused, Iterations / 2, Iterations * 99 / 100);
    }

    [Fact]
    public void Mutations_of_safetensors_end_in_tensors_or_an_error()
    {
        byte[] file = Samples.Bytes("kinds.safetensors");
        // Few mutations of a header of fifteen tensors leave it sound; of a small one with little more than its data, many do.
        byte[] small = SafeTensorsTests.Of("""{"a":{"dtype":"F16","shape":[64],"data_offsets":[0,128]}}""", file[^128..]);
        int refused = Fuzz([new(file, ReadCheckpoint), new(small, ReadCheckpoint)], 2 * Iterations);
        Assert.InRange(refused, Iterations, 2 * Iterations * 99 / 100);
    }

    [Fact]
    public void Mutations_of_the_heads_of_large_files_end_in_values_or_an_error()
    {
        byte[] module = File.ReadAllBytes(TestData.Get("checkpoints", "standin-module-legacy.pt"));
        byte[] head = File.ReadAllBytes(TestData.Get("checkpoints", "mlp_geo.pkl"));
        byte[] zip = File.ReadAllBytes(TestData.Get("checkpoints", "standin-statedict-zip.pt"));
        ReadOnlyMemory<byte> pickle = new ZipContent(zip, new ReadContext("zip", PickleLimits.Default))
            .Read("standin-statedict-zip/data.pkl");
        Fuzz([new(module[..16384], ReadCheckpoint), new(head[..4096], ReadHead), new(pickle[..16384].ToArray(), ReadPickle)],
            Iterations / 10);
    }

    static int Fuzz(List<Source> sources, int iterations)
    {
        // What is made once only, such as regular tables and messages' resources, is no part of a case.
        foreach (Source source in sources)
            Measure(source.Pack(source.File), source.Read, out _);
        int refused = 0;
        for (int i = 0; i < iterations; i++)
        {
            Source source = sources[i % sources.Count];
            byte[] mutated = source.Pack(Mutate(source.File, sources[i / sources.Count % sources.Count].File, new Random(Seed + i)));
            (long allocated, TimeSpan time) = Measure(mutated, source.Read, out Exception? error);
            string repeat = $"mutation {i} of {iterations}: {error}";
            Assert.True(
                error is null or SeverityException { Code: SeverityError.CheckpointInvalid or SeverityError.CheckpointLayout }, repeat);
            Assert.True(allocated <= MemoryLimit + Slack, $"{allocated} bytes in {repeat}");
            Assert.True(time < TimeSpan.FromSeconds(5), $"{time} in {repeat}");
            refused += error is null ? 0 : 1;
        }
        return refused;
    }

    static (long Allocated, TimeSpan Time) Measure(byte[] file, Action<byte[]> read, out Exception? error)
    {
        error = null;
        Stopwatch time = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read(file);
        }
#pragma warning disable CA1031 // Any exception of another type is what this looks for.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = e;
        }
        return (GC.GetAllocatedBytesForCurrentThread() - before, time.Elapsed);
    }

    static void ReadCheckpoint(byte[] file)
    {
        foreach (CheckpointTensor tensor in CheckpointFile.Read(file, limits: s_limits).Tensors.Values)
            Assert.Equal(tensor.Shape.Aggregate(1L, (count, size) => count * size), tensor.Values.Length);
    }

    static void ReadHead(byte[] file) => MlpHead.Read(file, limits: s_limits);

    static void ReadPickle(byte[] file)
    {
        ReadContext context = new("pickle", s_limits);
        new PickleReader(file, 0, context, new TorchPersistentIds(context).Resolve).Read();
    }

    static byte[] Mutate(byte[] file, byte[] other, Random random)
    {
        List<byte> bytes = [.. file];
        int changes = 1 << random.Next(4);
        for (int i = 0; i < changes && bytes.Count > 8; i++)
        {
            int at = random.Next(bytes.Count - 8);
            int length = Math.Min(1 + random.Next(1 << random.Next(8)), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[at] = s_instructions[random.Next(s_instructions.Length)];
                    break;
                case 3:
                    uint extreme = s_extremes[random.Next(s_extremes.Length)];
                    for (int b = 0; b < 4; b++)
                        bytes[at + b] = (byte)(extreme >> (8 * b));
                    break;
                case 4:
                    bytes.RemoveRange(at, length);
                    break;
                case 5:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length));
                    break;
                case 6:
                    int from = random.Next(Math.Max(other.Length - length, 1));
                    bytes.InsertRange(at, other.AsSpan(from, Math.Min(length, other.Length - from)));
                    break;
                default:
                    if (random.Next(8) == 0)
                        bytes.RemoveRange(at, bytes.Count - at);
                    else
                        bytes.Insert(at, s_instructions[random.Next(s_instructions.Length)]);
                    break;
            }
        }
        return [.. bytes];
    }

    /// <param name="File">What is mutated.</param>
    /// <param name="Read">Reads what became of it.</param>
    /// <param name="Repack">Makes a file of it first.</param>
    sealed record Source(byte[] File, Action<byte[]> Read, Func<byte[], byte[]>? Repack = null)
    {
        public byte[] Pack(byte[] mutated) => Repack is null ? mutated : Repack(mutated);
    }
}
