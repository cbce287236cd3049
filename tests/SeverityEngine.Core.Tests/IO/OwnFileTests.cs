using System.Diagnostics.CodeAnalysis;
using SeverityEngine.IO;
using SeverityEngine.Tests;

namespace SeverityEngine.Core.Tests.IO;

/// <summary>Files of the program's own in folders where others may have put something of their name.</summary>
[SuppressMessage("Interoperability", "CA1416", Justification = "Skipped on Windows.")]
public sealed class OwnFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    string Own => _folder["own"];

    string Victim => _folder["victim"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_made_or_opened_and_held_as_asked()
    {
        using (FileStream made = OwnFile.Open(Own, Options(FileMode.OpenOrCreate)))
            made.Write([1, 2, 3]);
        using FileStream opened = OwnFile.Open(Own, Options(FileMode.OpenOrCreate));
        Assert.Equal(3, opened.Length);
        Assert.ThrowsAny<IOException>(() => OwnFile.Open(Own, Options(FileMode.OpenOrCreate)));
        Assert.ThrowsAny<IOException>(() => OwnFile.Open(_folder["none"], Options(FileMode.Open)));
        Assert.ThrowsAny<IOException>(() => OwnFile.Open(_folder["none/none"], Options(FileMode.OpenOrCreate)));
    }

    [Theory]
    [InlineData(FileMode.Open)]
    [InlineData(FileMode.OpenOrCreate)]
    public void A_link_is_refused_whether_there_is_something_at_its_end_or_not(FileMode mode)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        File.CreateSymbolicLink(Own, Victim);
        AssertRefused("is a symbolic link", mode);
        Assert.False(File.Exists(Victim));
        File.WriteAllText(Victim, "kept");
        AssertRefused("is a symbolic link", mode);
        Assert.Equal("kept", File.ReadAllText(Victim));
    }

    [Fact]
    public void A_pipe_is_refused_at_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs mkfifo");
        Assert.Equal(0, Command.Run("mkfifo", [Own]).ExitCode);
        AssertRefused("is a pipe", FileMode.Open);
    }

    [Fact]
    public void A_folder_is_refused()
    {
        Directory.CreateDirectory(Own);
        AssertRefused("is a folder", FileMode.OpenOrCreate);
    }

    [Fact]
    public async Task A_link_that_comes_and_goes_is_never_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        File.WriteAllText(Victim, "kept");
        using CancellationTokenSource end = new();
        Task swapping = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                File.CreateSymbolicLink(_folder["link"], Victim);
                File.Move(_folder["link"], Own, overwrite: true);
                File.WriteAllText(_folder["file"], "");
                File.Move(_folder["file"], Own, overwrite: true);
                File.Delete(Own);
            }
        }, TestContext.Current.CancellationToken);
        int opened = 0;
        for (int i = 0; i < 3000 || opened == 0; i++)
        {
            try
            {
                using FileStream own = OwnFile.Open(Own, Options(FileMode.OpenOrCreate));
                own.SetLength(0);
                opened++;
            }
            catch (Exception e) when (e is SeverityException or IOException)
            {
                // The link was met, or the file was gone.
            }
        }
        await end.CancelAsync();
        await swapping;
        Assert.Equal("kept", File.ReadAllText(Victim));
    }

    [Fact]
    public void A_link_in_the_place_of_the_temporary_file_that_all_writers_share_is_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        string output = _folder["rows.csv"], partial;
        using (AtomicFile.Create(output, exclusive: true))
            partial = Assert.Single(Directory.GetFiles(_folder.Path));
        File.WriteAllText(Victim, "kept");
        File.CreateSymbolicLink(partial, Victim);
        SeverityException fault = Assert.Throws<SeverityException>(() => AtomicFile.Create(output, exclusive: true));
        Assert.Equal(SeverityError.FileUnwritable, fault.Code);
        Assert.Contains($"{partial}: is a symbolic link", fault.Message, StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(Victim));
    }

    [Fact]
    public void Links_and_pipes_that_are_called_like_leftovers_stay()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs mkfifo");
        File.WriteAllText(Victim, "kept");
        File.CreateSymbolicLink(_folder[".severity-1.partial"], Victim);
        Assert.Equal(0, Command.Run("mkfifo", [_folder[".severity-2.partial"]]).ExitCode);
        File.WriteAllText(_folder[".severity-3.partial"], "");
        AtomicFile.RemoveLeftovers(_folder.Path);
        Assert.Equal([".severity-1.partial", ".severity-2.partial", "victim"],
            Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    static FileStreamOptions Options(FileMode mode) => new() { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };

    void AssertRefused(string reason, FileMode mode)
    {
        SeverityException fault = Assert.Throws<SeverityException>(() => OwnFile.Open(Own, Options(mode)));
        Assert.Equal(SeverityError.FileUnwritable, fault.Code);
        Assert.StartsWith($"{Own}: {reason}", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith("remove it", fault.Message, StringComparison.Ordinal);
    }
}
