using System.Runtime.Versioning;
using SeverityEngine.IO;
using SeverityEngine.Tests;

namespace SeverityEngine.Core.Tests.IO;

public sealed class AtomicFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    string File1 => _folder["file.bin"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        string path = _folder["no-such-folder/model.onnx"];
        SeverityException fault = Assert.Throws<SeverityException>(() => AtomicFile.Write(path, [1, 2, 3]));
        Assert.Equal((SeverityError.FileUnwritable, $"{path}: cannot be written: its folder is not there; make it first"),
            (fault.Code, fault.Message));
    }

    [Fact]
    public void A_folder_is_no_place_for_a_file()
    {
        SeverityException fault = Assert.Throws<SeverityException>(() => AtomicFile.Write(_folder.Path, [1]));
        Assert.Equal((SeverityError.FileUnwritable, $"{_folder.Path}: is a folder; name a file in it"), (fault.Code, fault.Message));
    }

    [Fact]
    public void A_file_takes_the_place_of_an_older_one_and_leaves_nothing_beside_it()
    {
        File.WriteAllText(File1, "older");
        AtomicFile.Write(File1, [1, 2, 3]);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(File1));
        AssertAlone();
    }

    [Fact]
    public void Until_it_is_complete_the_older_one_stands_and_without_that_for_good()
    {
        File.WriteAllText(File1, "older");
        using (AtomicFile file = AtomicFile.Create(File1))
        {
            file.Write(new byte[100_000]);
            Assert.Equal("older", File.ReadAllText(File1));
        }
        Assert.Equal("older", File.ReadAllText(File1));
        AssertAlone();
    }

    /// <summary>255 bytes are what file systems allow; what is put beside such a file has to be called something shorter.</summary>
    [Fact]
    public void A_name_may_be_as_long_as_the_system_allows()
    {
        string path = _folder[new string('n', 255)];
        AtomicFile.Write(path, [7]);
        Assert.Equal([7], File.ReadAllBytes(path));
    }

    [UnsupportedOSPlatform("windows")]
    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead)]
    public void An_older_files_mode_stays(UnixFileMode mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix's modes");
        File.WriteAllText(File1, "older");
        File.SetUnixFileMode(File1, mode);
        using (AtomicFile file = AtomicFile.Create(File1))
        {
            // What is written is not shown to those who may not read the older one.
            string partial = Directory.GetFiles(_folder.Path).Single(path => path != File1);
            Assert.Equal(mode, File.GetUnixFileMode(partial));
            file.Write([1]);
            file.Complete();
        }
        Assert.Equal(mode, File.GetUnixFileMode(File1));
    }

    [Fact]
    public void An_older_files_owner_stays_where_the_system_lets_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only the administrator gives files away");
        File.WriteAllText(File1, "older");
        Assert.Equal(0, Command.Run("chown", ["12345:23456", File1]).ExitCode);
        Assert.Equal(0, Command.Run("chmod", ["4750", File1]).ExitCode);
        AtomicFile.Write(File1, [1]);
        Assert.Equal("12345:23456 4750\n", Command.Run("stat", ["-c", "%u:%g %a", File1]).Output);
    }

    [Theory]
    [InlineData("target.bin")]
    [InlineData("below/target.bin")]
    public void Symbolic_links_stay_and_what_they_lead_to_is_replaced(string target)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege");
        Directory.CreateDirectory(_folder["below"]);
        File.WriteAllText(_folder[target], "older");
        File.CreateSymbolicLink(_folder["second"], target);
        File.CreateSymbolicLink(File1, "second");
        AtomicFile.Write(File1, [9]);
        Assert.Equal("second", new FileInfo(File1).LinkTarget);
        Assert.Equal(target, new FileInfo(_folder["second"]).LinkTarget);
        Assert.Equal([9], File.ReadAllBytes(_folder[target]));
    }

    [Fact]
    public void A_link_that_leads_nowhere_yet_gets_its_target()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege");
        File.CreateSymbolicLink(File1, "later.bin");
        AtomicFile.Write(File1, [9]);
        Assert.Equal([9], File.ReadAllBytes(_folder["later.bin"]));
    }

    [UnsupportedOSPlatform("windows")]
    [Fact]
    public void In_a_folder_of_the_programs_own_a_link_is_replaced_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege");
        File.WriteAllText(_folder["other.bin"], "another's");
        File.CreateSymbolicLink(File1, "other.bin");
        using (AtomicFile file = AtomicFile.CreateOwn(File1, UnixFileMode.UserRead))
        {
            file.Write([9]);
            file.Complete();
        }
        Assert.Equal("another's", File.ReadAllText(_folder["other.bin"]));
        Assert.Null(new FileInfo(File1).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(File1));
    }

    [Fact]
    public void A_second_writer_is_refused_where_one_alone_may_write_and_may_once_the_first_has_ended()
    {
        using (AtomicFile first = AtomicFile.Create(File1, exclusive: true))
        {
            SeverityException fault = Assert.Throws<SeverityException>(() => AtomicFile.Create(File1, exclusive: true));
            Assert.Equal(
                (SeverityError.FileUnwritable, $"{File1}: another run is writing it; wait for its end, or name another file"),
                (fault.Code, fault.Message));
            first.Write([1]);
            first.Complete();
        }
        using (AtomicFile second = AtomicFile.Create(File1, exclusive: true))
        {
            second.Write([2]);
            second.Complete();
        }
        Assert.Equal([2], File.ReadAllBytes(File1));
        AssertAlone();
    }

    [Fact]
    public void What_a_writer_who_died_left_is_taken_over()
    {
        string left;
        using (AtomicFile.Create(File1, exclusive: true))
            left = Directory.GetFiles(_folder.Path).Single();
        File.WriteAllBytes(left, new byte[1000]);
        using (AtomicFile file = AtomicFile.Create(File1, exclusive: true))
        {
            file.Write([5]);
            file.Complete();
        }
        Assert.Equal([5], File.ReadAllBytes(File1));
        AssertAlone();
    }

    [Fact]
    public void Leftovers_go_and_what_is_being_written_stays()
    {
        File.WriteAllText(_folder[".severity-0123.partial"], "left over");
        using AtomicFile file = AtomicFile.CreateOwn(File1);
        AtomicFile.RemoveLeftovers(_folder.Path);
        file.Write([4]);
        file.Complete();
        AssertAlone();
    }

    [Fact]
    public void Devices_are_written_through()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/null, /dev/full");
        AtomicFile.Write("/dev/null", [1, 2, 3]);
        Assert.Equal(FileType.Special, FileStatus.Of("/dev/null").Type);
        SeverityException fault = Assert.Throws<SeverityException>(() => AtomicFile.Write("/dev/full", [1, 2, 3]));
        Assert.Equal(
            (SeverityError.FileUnwritable, "/dev/full: cannot be written: the disk is full; make room, or name a file on another disk"),
            (fault.Code, fault.Message));
    }

    void AssertAlone() => Assert.Equal([File1], Directory.GetFileSystemEntries(_folder.Path));
}
