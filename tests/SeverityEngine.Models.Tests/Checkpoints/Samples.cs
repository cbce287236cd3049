using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests.Checkpoints;

/// <summary>The small files that make_samples.py made, and what PyTorch and numpy read from them.</summary>
static class Samples
{
    static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "fixtures", "checkpoints", "samples");

    public static string PathOf(string name) => Path.Combine(Folder, name);

    public static byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));

    public static IEnumerable<string> Names(string pattern) =>
        Directory.EnumerateFiles(Folder, pattern).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    /// <summary>What a record made by make_samples.py says of a file.</summary>
    public static JsonElement Expected(string file, string record = "expected.json")
    {
        using JsonDocument document = JsonDocument.Parse(Bytes(record));
        return document.RootElement.GetProperty(file).Clone();
    }

    /// <summary>Names in order, shapes, and every bit of every value.</summary>
    public static void AssertTensors(JsonElement expected, IEnumerable<CheckpointTensor> actual) =>
        Assert.Equal(
            expected.GetProperty("tensors").EnumerateArray().Select(
                row => $"{row[0].GetString()} [{string.Join(',', row[1].EnumerateArray().Select(size => size.GetInt32()))}] "
                + row[2].GetString()),
            actual.Select(tensor => $"{tensor.Name} [{string.Join(',', tensor.Shape)}] {Hash(tensor.Values.Span)}"));

    static string Hash(ReadOnlySpan<float> values) =>
        Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values)).AsSpan(0, 8));
}
