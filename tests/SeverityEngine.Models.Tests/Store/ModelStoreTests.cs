using SeverityEngine.IO;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests.Store;

public class ModelStoreTests
{
    static readonly WeightsFile s_source =
        new("weights.pt", "https://example.org/weights.pt", 3, new string('a', 64), "CC0", "example.org");

    static byte[] Bytes(int seed, int count = 100_000)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    [Fact]
    public void What_is_installed_is_found_listed_and_verified()
    {
        using TemporaryFolder folder = new();
        ModelStore store = new(folder["store"]);
        Assert.Empty(store.List());
        Assert.Null(store.Find("b"));
        store.Install("b", Bytes(1), [s_source]);
        InstalledModel installed = store.Install("a.1_x-y", Bytes(2), []);

        Assert.Equal(["a.1_x-y", "b"], store.List().Select(m => m.Name));
        Assert.Equal(installed, store.Find("a.1_x-y"));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Bytes(2))), installed.Sha256);
        Assert.True(store.Verify("b").Bytes.SequenceEqual(Bytes(1)));
        Assert.Equal(Bytes(1), File.ReadAllBytes(folder["store/models/b.onnx"]));
    }

    [Fact]
    public void Installing_again_replaces_and_leaves_nothing_else_behind()
    {
        using TemporaryFolder folder = new();
        ModelStore store = new(folder.Path);
        store.Install("m", Bytes(1), []);
        store.Install("m", Bytes(2), []);
        Assert.True(store.Verify("m").Bytes.SequenceEqual(Bytes(2)));
        Assert.Equal(
            [".lock", "m.json", "m.onnx"], Directory.GetFiles(folder["models"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_changed_is_named_with_both_hashes()
    {
        using TemporaryFolder folder = new();
        ModelStore store = new(folder.Path);
        string sha256 = store.Install("m", Bytes(1), []).Sha256!;
        byte[] changed = Bytes(1);
        changed[50_000] ^= 1;
        File.WriteAllBytes(folder["models/m.onnx"], changed);
        SeverityException error = Assert.Throws<SeverityException>(() => store.Verify("m"));
        Assert.Equal(SeverityError.VerificationFailed, error.Code);
        Assert.Contains(sha256, error.Message);
        Assert.Contains(ContentHash.Sha256(changed), error.Message);

        SeverityException used = Assert.Throws<SeverityException>(() => store.Load("m"));
        Assert.Equal((error.Code, error.Message), (used.Code, used.Message));
        Assert.EndsWith("; install it again", used.Message);
        store.Install("m", changed, []);
        Assert.True(store.Load("m").Bytes.SequenceEqual(changed));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{ \"sha256\": null, \"size\": 1, \"engine\": \"\", \"made_from\": [] }")]
    public void A_model_without_a_readable_record_is_found_but_not_verified(string? record)
    {
        using TemporaryFolder folder = new();
        ModelStore store = new(folder.Path);
        Directory.CreateDirectory(folder["models"]);
        File.WriteAllBytes(folder["models/mine.onnx"], Bytes(1));
        if (record is not null)
            File.WriteAllText(folder["models/mine.json"], record);
        Assert.Null(store.Find("mine")!.Sha256);
        Assert.Equal(SeverityError.VerificationFailed, Assert.Throws<SeverityException>(() => store.Verify("mine")).Code);
        // There is nothing to hold it against when it is used.
        Assert.True(store.Load("mine").Bytes.SequenceEqual(Bytes(1)));
    }

    [Fact]
    public void A_model_that_is_not_there_is_answered_with_those_that_are()
    {
        using TemporaryFolder folder = new();
        ModelStore store = new(folder.Path);
        store.Install("here", Bytes(1), []);
        SeverityException error = Assert.Throws<SeverityException>(() => store.Verify("there"));
        Assert.Equal(SeverityError.ModelNotFound, error.Code);
        Assert.Contains("installed are: here", error.Message);
        Assert.Equal(error.Message, Assert.Throws<SeverityException>(() => store.Load("there")).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../m")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData(".m")]
    [InlineData("a b")]
    public void A_name_that_is_no_file_name_is_refused(string name)
    {
        using TemporaryFolder folder = new();
        ModelStore store = new(folder.Path);
        Assert.Equal(SeverityError.InvalidArgument, Assert.Throws<SeverityException>(() => store.Install(name, Bytes(1), [])).Code);
        Assert.Null(store.Find(name));
    }

    [Fact]
    public void Leftovers_of_who_died_are_no_models_and_go_with_the_next_installation()
    {
        using TemporaryFolder folder = new();
        ModelStore store = new(folder.Path);
        Directory.CreateDirectory(folder["models"]);
        File.WriteAllBytes(folder["models/.m.onnx.0123456789abcdef0123456789abcdef.partial"], Bytes(1));
        File.WriteAllBytes(folder["models/.lock"], []);
        Assert.Empty(store.List());
        store.Install("m", Bytes(2), []);
        Assert.Empty(Directory.GetFiles(folder["models"], "*.partial"));
    }

    [Fact]
    public void Many_who_install_the_same_model_at_once_leave_one_whole()
    {
        using TemporaryFolder folder = new();
        Parallel.For(0, 40, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            ModelStore store = new(folder.Path);
            store.Install("m", Bytes(i % 3), []);
            if (i % 5 == 0)
                Assert.Equal(100_000, WholeFile.Read(store.Find("m")!.Path, FileKind.Any, long.MaxValue).Length);
        });
        Assert.Equal(100_000, new ModelStore(folder.Path).Verify("m").Bytes.Length);
        Assert.Empty(Directory.GetFiles(folder["models"], "*.partial"));
    }

    [Fact]
    public void A_link_in_the_locks_place_is_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["models"]);
        File.CreateSymbolicLink(folder["models/.lock"], folder["victim"]);
        SeverityException error = Assert.Throws<SeverityException>(() => new ModelStore(folder.Path).Install("m", Bytes(1), []));
        Assert.Equal(SeverityError.FileUnwritable, error.Code);
        Assert.Contains(".lock: is a symbolic link", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["victim"]));
    }

    [Fact]
    public void A_link_in_a_models_place_is_replaced_and_what_it_leads_to_stays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder["models"]);
        File.WriteAllText(folder["victim"], "kept");
        foreach (string name in (string[])["models/m.onnx", "models/m.json"])
            File.CreateSymbolicLink(folder[name], folder["victim"]);
        ModelStore store = new(folder.Path);
        store.Install("m", Bytes(1), []);
        Assert.True(store.Verify("m").Bytes.SequenceEqual(Bytes(1)));
        Assert.Equal("kept", File.ReadAllText(folder["victim"]));
    }

    [Fact]
    public void A_store_that_cannot_be_written_to_says_so()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["file"], "");
        SeverityException error = Assert.Throws<SeverityException>(() => new ModelStore(folder["file"]).Install("m", Bytes(1), []));
        Assert.Equal(SeverityError.FileUnwritable, error.Code);
        Assert.Contains("SEVERITY_HOME", error.Message);
    }
}
