using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using SeverityEngine.Inference;

namespace SeverityEngine.Tests.Inference;

/// <summary>The per-user copy of an embedded library, for systems that cannot load one from memory.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Skipped on Windows.")]
[Collection(RunAlone.Name)]
public sealed class EmbeddedLibraryTests : IDisposable
{
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    readonly TemporaryFolder _cache = new();
    readonly TemporaryFolder _temporary = new();
    readonly (string Name, string? Before)[] _environment =
        [.. ((string[])["XDG_CACHE_HOME", "TMPDIR"]).Select(name => (name, Environment.GetEnvironmentVariable(name)))];

    public EmbeddedLibraryTests()
    {
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", _cache.Path);
        Environment.SetEnvironmentVariable("TMPDIR", _temporary.Path);
    }

    public void Dispose()
    {
        foreach ((string name, string? before) in _environment)
            Environment.SetEnvironmentVariable(name, before);
        _cache.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public void The_copy_is_private_named_by_its_hash_and_loads()
    {
        byte[] content = SomeLibrary();
        nint library = EmbeddedLibrary.LoadFromCache(content);
        Assert.True(NativeLibrary.TryGetExport(library, "cos", out _));
        string copy = Assert.Single(Directory.GetFiles(_cache.Path, "*", SearchOption.AllDirectories));
        Assert.Equal(Path.Combine(_cache["severity-engine"], ContentHash.Sha256(content), "libonnxruntime.so"), copy);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(copy));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_cache["severity-engine"]));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.GetDirectoryName(copy)!));
    }

    [Fact]
    public void A_copy_that_was_changed_is_replaced()
    {
        byte[] content = SomeLibrary();
        string copy = Path.Combine(_cache["severity-engine"], ContentHash.Sha256(content), "libonnxruntime.so");
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        byte[] changed = [.. content];
        changed[content.Length / 2] ^= 1;
        File.WriteAllBytes(copy, changed);
        EmbeddedLibrary.LoadFromCache(content);
        Assert.Equal(content, File.ReadAllBytes(copy));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(copy)!));
    }

    [Fact]
    public void A_folder_that_is_a_link_is_not_used()
    {
        byte[] content = SomeLibrary();
        string elsewhere = Directory.CreateDirectory(_cache["elsewhere"]).FullName;
        File.CreateSymbolicLink(_cache["severity-engine"], elsewhere);
        EmbeddedLibrary.LoadFromCache(content);
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere));
        Assert.Single(Directory.GetFiles(_temporary.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void What_does_not_load_anywhere_says_where_it_was_tried()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the test uses Linux's names");
        DllNotFoundException error = Assert.Throws<DllNotFoundException>(() => EmbeddedLibrary.LoadFromCache([1, 2, 3]));
        Assert.Contains(_cache["severity-engine"], error.Message, StringComparison.Ordinal);
        Assert.Contains(_temporary.Path, error.Message, StringComparison.Ordinal);
    }

    static byte[] SomeLibrary()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the test uses Linux's C library");
        nint maths = NativeLibrary.Load("libm.so.6");
        string path = File.ReadLines("/proc/self/maps").First(line => line.EndsWith("/libm.so.6", StringComparison.Ordinal)).Split(' ')[^1];
        NativeLibrary.Free(maths);
        return File.ReadAllBytes(path);
    }
}
