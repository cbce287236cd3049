using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using SeverityEngine.Inference;

namespace SeverityEngine.Tests.Inference;

/// <summary>The per-user copy of an embedded library, and its twin beside the program.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Skipped on Windows.")]
[Collection(RunAlone.Name)]
public sealed partial class EmbeddedLibraryTests : IDisposable
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
    public void The_copy_is_private_named_by_its_content_and_loads()
    {
        byte[] content = SomeLibrary();
        nint library = EmbeddedLibrary.LoadFromCache(content);
        Assert.True(NativeLibrary.TryGetExport(library, "cos", out _));
        string copy = Assert.Single(Directory.GetFiles(_cache.Path, "*", SearchOption.AllDirectories));
        Assert.Equal(Path.Combine(EmbeddedLibrary.CopyFolder(_cache["severity-engine"], content), "libonnxruntime.so"), copy);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(copy));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_cache["severity-engine"]));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.GetDirectoryName(copy)!));
    }

    /// <summary>As a crash, a full disk or another version can leave it: cut, all zeros in a stretch, another end or beginning.</summary>
    [Theory]
    [InlineData("cut")]
    [InlineData("longer")]
    [InlineData("zeros in the middle")]
    [InlineData("zeros at the end")]
    [InlineData("another header")]
    public void A_copy_that_is_not_whole_is_replaced(string damage)
    {
        byte[] content = SomeLibrary();
        string copy = Path.Combine(EmbeddedLibrary.CopyFolder(_cache["severity-engine"], content), "libonnxruntime.so");
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        byte[] damaged = [.. content];
        switch (damage)
        {
            case "cut":
                damaged = damaged[..^4096];
                break;
            case "longer":
                damaged = [.. damaged, 0];
                break;
            case "zeros in the middle":
                damaged.AsSpan(content.Length / 2, 300_000).Clear();
                break;
            case "zeros at the end":
                damaged.AsSpan(^4000..).Clear();
                break;
            default:
                damaged[5000] ^= 1;
                break;
        }
        Assert.NotEqual(content, damaged);
        File.WriteAllBytes(copy, damaged);
        EmbeddedLibrary.LoadFromCache(content);
        Assert.Equal(content, File.ReadAllBytes(copy));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(copy)!));
    }

    [Fact]
    public void The_same_library_beside_the_program_is_loaded_itself()
    {
        byte[] content = SomeLibrary();
        string twin = _cache["libonnxruntime.so"];
        File.WriteAllBytes(twin, content);
        Assert.True(EmbeddedLibrary.TryLoadTwin(_cache.Path, content, out nint library));
        Assert.True(NativeLibrary.TryGetExport(library, "cos", out _));
        Assert.Contains(File.ReadLines("/proc/self/maps"), line => line.EndsWith(twin, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("another version")]
    [InlineData("others may write to it")]
    [InlineData("another user's")]
    [InlineData("a folder")]
    [InlineData("none")]
    public void Another_library_beside_the_program_is_passed_over(string fault)
    {
        byte[] content = SomeLibrary();
        string twin = _cache["libonnxruntime.so"];
        if (fault == "a folder")
            Directory.CreateDirectory(twin);
        else if (fault != "none")
            File.WriteAllBytes(twin, fault == "another version" ? [.. content, 0] : content);
        if (fault == "others may write to it")
        {
            File.SetUnixFileMode(twin, OwnerOnly | UnixFileMode.GroupWrite);
        }
        else if (fault == "another user's")
        {
            Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root gives a file to another user");
            Assert.Equal(0, Command.Run("chown", ["65534", twin], _cache.Path).ExitCode);
        }
        Assert.False(EmbeddedLibrary.TryLoadTwin(_cache.Path, content, out _));
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
    public void A_folder_that_others_may_write_to_is_not_used()
    {
        byte[] content = SomeLibrary();
        File.SetUnixFileMode(Directory.CreateDirectory(_cache["severity-engine"]).FullName, OwnerOnly | UnixFileMode.GroupWrite);
        EmbeddedLibrary.LoadFromCache(content);
        Assert.Empty(Directory.GetFileSystemEntries(_cache["severity-engine"]));
        Assert.Single(Directory.GetFiles(_temporary.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_folder_of_another_user_is_not_used_even_with_the_right_library_in_it()
    {
        byte[] content = SomeLibrary();
        string planted = Path.Combine(EmbeddedLibrary.CopyFolder(_cache["severity-engine"], content), "libonnxruntime.so");
        Directory.CreateDirectory(Path.GetDirectoryName(planted)!);
        File.WriteAllBytes(planted, content);
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root gives a folder to another user");
        Assert.Equal(0, Command.Run("chown", ["65534", Path.GetDirectoryName(planted)!], _cache.Path).ExitCode);
        EmbeddedLibrary.LoadFromCache(content);
        Assert.NotEmpty(Directory.GetFiles(_temporary.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_link_or_a_copy_that_others_may_write_to_is_replaced_by_an_own_one()
    {
        byte[] content = SomeLibrary();
        string copy = Path.Combine(EmbeddedLibrary.CopyFolder(_cache["severity-engine"], content), "libonnxruntime.so");
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        File.WriteAllBytes(_cache["planted"], content);
        File.CreateSymbolicLink(copy, _cache["planted"]);
        EmbeddedLibrary.LoadFromCache(content);
        Assert.Null(new FileInfo(copy).LinkTarget);
        File.SetUnixFileMode(copy, OwnerOnly | UnixFileMode.OtherWrite);
        EmbeddedLibrary.LoadFromCache(content);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(copy));
        Assert.Equal(content, File.ReadAllBytes(_cache["planted"]));
    }

    [Fact]
    public void What_was_verified_is_loaded_whatever_its_name_leads_to_by_then()
    {
        byte[] content = SomeLibrary();
        nint library = EmbeddedLibrary.LoadFromCache(content);
        string copy = Assert.Single(Directory.GetFiles(_cache.Path, "*", SearchOption.AllDirectories));
        Assert.True(NativeLibrary.TryGetExport(library, "cos", out nint symbol));
        Assert.Contains(File.ReadLines("/proc/self/maps"), line => line.EndsWith(copy, StringComparison.Ordinal));
        // The name by which the loader opened it is the descriptor's, which nobody can give to another file.
        Assert.NotEqual(0, FindSymbol(symbol, out SymbolOrigin origin));
        Assert.StartsWith("/proc/self/fd/./", Marshal.PtrToStringUTF8(origin.File), StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_library_is_not_taken_for_the_first()
    {
        byte[] content = SomeLibrary();
        // Bytes behind a library's end change nothing but its length.
        nint first = EmbeddedLibrary.LoadFromCache(content), second = EmbeddedLibrary.LoadFromCache([.. content, 0]);
        Assert.NotEqual(NativeLibrary.GetExport(first, "cos"), NativeLibrary.GetExport(second, "cos"));
    }

    [Fact]
    public void What_does_not_load_anywhere_says_where_it_was_tried()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the test uses Linux's names");
        DllNotFoundException error = Assert.Throws<DllNotFoundException>(() => EmbeddedLibrary.LoadFromCache([1, 2, 3]));
        Assert.Contains(_cache["severity-engine"], error.Message, StringComparison.Ordinal);
        Assert.Contains(_temporary.Path, error.Message, StringComparison.Ordinal);
    }

    /// <summary>Dl_info of dlfcn.h.</summary>
    struct SymbolOrigin
    {
        public nint File;
        public nint Base;
        public nint Name;
        public nint Address;
    }

    [LibraryImport("libc", EntryPoint = "dladdr")]
    private static partial int FindSymbol(nint address, out SymbolOrigin origin);

    static byte[] SomeLibrary()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the test uses Linux's C library");
        nint maths = NativeLibrary.Load("libm.so.6");
        string path = File.ReadLines("/proc/self/maps").First(line => line.EndsWith("/libm.so.6", StringComparison.Ordinal)).Split(' ')[^1];
        NativeLibrary.Free(maths);
        return File.ReadAllBytes(path);
    }
}
