using SeverityEngine.IO;
using SeverityEngine.Tests;

namespace SeverityEngine.Core.Tests.IO;

public class FolderWalkerTests
{
    static void Touch(TemporaryFolder folder, params string[] names)
    {
        foreach (string name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
            File.WriteAllText(folder[name], "");
        }
    }

    static string[] Walk(TemporaryFolder folder, bool recursive = true) =>
        [.. FolderWalker.Walk(folder.Path, recursive).Select(e => Path.GetRelativePath(folder.Path, e.Path).Replace('\\', '/'))];

    [Fact]
    public void Files_come_in_natural_order_and_folders_where_their_names_stand()
    {
        using TemporaryFolder folder = new();
        Touch(folder, "i10", "i9", "i9a/x2", "i9a/x10", "i9a/deep/y", ".hidden", ".secret/z");
        Assert.Equal([".hidden", "i9", "i9a/deep/y", "i9a/x2", "i9a/x10", "i10"], Walk(folder));
        Assert.Equal([".hidden", "i9", "i10"], Walk(folder, recursive: false));
    }

    [Fact]
    public void Links_to_folders_are_not_followed_and_links_to_files_are_files()
    {
        using TemporaryFolder folder = new(), other = new();
        Touch(folder, "a/x", "b/y");
        Touch(other, "z");
        Directory.CreateSymbolicLink(folder["circle"], folder.Path);
        Directory.CreateSymbolicLink(folder["a/back"], folder["b"]);
        Directory.CreateSymbolicLink(folder["b/back"], folder["a"]);
        Directory.CreateSymbolicLink(folder["elsewhere"], other.Path);
        File.CreateSymbolicLink(folder["link"], folder["a/x"]);
        Assert.Equal(["a/x", "b/y", "link"], Walk(folder));
    }

    [Fact]
    public void A_folder_that_is_named_is_listed_whatever_it_is()
    {
        using TemporaryFolder folder = new();
        Touch(folder, ".hidden/x");
        Directory.CreateSymbolicLink(folder["link"], folder[".hidden"]);
        Assert.Equal("x", FolderWalker.Walk(folder[".hidden"], recursive: true).Single().Name);
        Assert.Equal("x", FolderWalker.Walk(folder["link"], recursive: true).Single().Name);
    }

    [Fact]
    public void What_cannot_be_listed_is_an_entry_with_its_fault()
    {
        using TemporaryFolder folder = new();
        Touch(folder, "file");
        (string, SeverityError)[] faults = [("gone", SeverityError.FileNotFound), ("file", SeverityError.FileUnreadable)];
        foreach ((string name, SeverityError code) in faults)
        {
            FolderEntry entry = FolderWalker.Walk(folder[name], recursive: true).Single();
            Assert.Equal((folder[name], code), (entry.Path, entry.Fault?.Code));
            Assert.Contains(folder[name], entry.Fault!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Folders_may_be_nested_deeper_than_calls()
    {
        using TemporaryFolder folder = new();
        // As deep as a path may be long on Linux, where relative names would go on.
        string deep = Path.Combine([folder.Path, .. Enumerable.Repeat("d", 1900)]);
        Directory.CreateDirectory(deep);
        File.WriteAllText(Path.Combine(deep, "x"), "");
        Assert.Equal(Path.Combine(deep, "x"), FolderWalker.Walk(folder.Path, recursive: true).Single().Path);
    }
}
