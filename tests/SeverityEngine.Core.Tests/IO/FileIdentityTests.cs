using SeverityEngine.IO;
using SeverityEngine.Tests;

namespace SeverityEngine.Core.Tests.IO;

public sealed class FileIdentityTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public FileIdentityTests()
    {
        File.WriteAllText(_folder["a"], "text");
        File.WriteAllText(_folder["copy"], "text");
        Directory.CreateDirectory(_folder["below"]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a", true)]
    [InlineData("./a", true)]
    [InlineData("below/../a", true)]
    [InlineData("copy", false)]
    [InlineData("below", false)]
    [InlineData("gone", false)]
    public void Paths_are_the_same_where_the_file_is(string other, bool same)
    {
        Assert.Equal(same, FileIdentity.AreSame(_folder["a"], _folder[other]));
        Assert.Equal(same, FileIdentity.AreSame(_folder[other], _folder["a"]));
    }

    [Fact]
    public void Links_are_what_they_lead_to()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "links need a privilege on Windows");
        File.CreateSymbolicLink(_folder["link"], "a");
        File.CreateSymbolicLink(_folder["link-to-link"], _folder["link"]);
        Directory.CreateSymbolicLink(_folder["here"], ".");
        Assert.Equal(0, Command.Run("ln", [_folder["a"], _folder["hard"]]).ExitCode);
        foreach (string name in (string[])["link", "link-to-link", "hard", "here/a", "here/here/link"])
        {
            Assert.True(FileIdentity.AreSame(_folder["a"], _folder[name]), name);
            Assert.False(FileIdentity.AreSame(_folder["copy"], _folder[name]), name);
        }
    }

    [Theory]
    [InlineData("new", "new", true)]
    [InlineData("new", "below/../new", true)]
    [InlineData("new", "here/new", true)]
    [InlineData("new", "below/new", false)]
    [InlineData("new", "other", false)]
    [InlineData("gone/new", "gone/new", true)]
    public void Files_that_are_not_there_yet_are_the_same_by_folder_and_name(string first, string second, bool same)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege");
        Directory.CreateSymbolicLink(_folder["here"], _folder.Path);
        Assert.Equal(same, FileIdentity.AreSame(_folder[first], _folder[second]));
    }

    [Fact]
    public void What_is_written_through_is_no_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mkfifo, /dev, /proc");
        Assert.Equal(0, Command.Run("mkfifo", [_folder["pipe"]]).ExitCode);
        File.CreateSymbolicLink(_folder["link"], "pipe");
        File.CreateSymbolicLink(_folder["out"], "/dev/stdout");
        foreach (string path in (string[])["/dev/null", "/dev/stdout", "/proc/self/fd/1", _folder["pipe"], _folder["link"], _folder["out"]])
            Assert.True(FileStatus.IsStream(path), path);
        foreach (string path in (string[])[_folder["a"], _folder["gone"], _folder.Path, "relative"])
            Assert.False(FileStatus.IsStream(path), path);
    }

    [Fact]
    public void Memory_that_is_mounted_below_dev_holds_files()
    {
        const string Memory = "/dev/shm";
        Assert.SkipUnless(Directory.Exists(Memory), $"{Memory} is Linux's");
        string path = Path.Combine(Memory, $"severity-test-{Guid.NewGuid():n}");
        try
        {
            Assert.False(FileStatus.IsStream(path));
            AtomicFile.Write(path, [1]);
            Assert.False(FileStatus.IsStream(path));
            AtomicFile.Write(path, [2]);
            Assert.Equal([2], File.ReadAllBytes(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Kinds_are_told()
    {
        Assert.Equal(FileType.Regular, FileStatus.Of(_folder["a"]).Type);
        Assert.Equal(FileType.Folder, FileStatus.Of(_folder["below"]).Type);
        Assert.Equal(FileType.None, FileStatus.Of(_folder["gone"]).Type);
        Assert.Equal(FileType.None, FileStatus.Of(_folder["a/below"]).Type);
    }

    [Fact]
    public void An_open_file_is_at_its_path_until_another_takes_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere the path decides");
        using FileStream open = File.OpenRead(_folder["a"]);
        Assert.True(FileStatus.IsAt(open.SafeFileHandle, _folder["a"]));
        File.Move(_folder["copy"], _folder["a"], overwrite: true);
        Assert.False(FileStatus.IsAt(open.SafeFileHandle, _folder["a"]));
        File.Delete(_folder["a"]);
        Assert.False(FileStatus.IsAt(open.SafeFileHandle, _folder["a"]));
    }
}
