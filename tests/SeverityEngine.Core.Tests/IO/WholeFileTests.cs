using System.Buffers;
using SeverityEngine.IO;
using SeverityEngine.Tests;

namespace SeverityEngine.Core.Tests.IO;

public class WholeFileTests
{
    static readonly FileKind s_kind = new("model file")
    {
        Missing = SeverityError.ModelNotFound,
        TooLarge = SeverityError.ModelInvalid,
        FolderRemedy = "name the one in it",
        EmptyRemedy = "copy it again",
        TooLargeRemedy = "raise the limit",
    };

    static SeverityException Refused(string path, FileKind? kind = null, long limit = 1 << 20)
    {
        SeverityException fault = Assert.Throws<SeverityException>(() => WholeFile.Read(path, kind ?? s_kind, limit));
        Assert.StartsWith(path, fault.Message, StringComparison.Ordinal);
        return fault;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(65537)]
    [InlineData(300_000)]
    public void A_file_a_stream_without_a_length_and_one_that_lies_about_it_are_read_to_their_ends(int length)
    {
        using TemporaryFolder folder = new();
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        File.WriteAllBytes(folder["x"], content);
        Assert.Equal(content, WholeFile.Read(folder["x"], s_kind, length));
        foreach (long claimed in (long[])[-1, 0, 1, length - 1, length, length + 1, 2 * length])
        {
            using Pieces pieces = new(content, claimed);
            Assert.Equal(content, WholeFile.Read(pieces, "pieces", s_kind, 2 * length));
            using Pieces again = new(content, claimed);
            byte[] rented = WholeFile.Rent(again, "pieces", s_kind, 2 * length, out int read);
            Assert.Equal(content, rented[..read]);
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(200_000)]
    public void What_has_more_bytes_than_the_limit_is_refused_whatever_length_it_claims(long claimed)
    {
        foreach (int limit in (int[])[0, 1, 99, 65536, 199_999])
        {
            using Pieces pieces = new(new byte[200_000], claimed);
            SeverityException fault = Assert.Throws<SeverityException>(() => WholeFile.Read(pieces, "pieces", s_kind, limit));
            Assert.Equal((SeverityError.ModelInvalid, $"pieces: the file is larger than {limit} bytes; raise the limit"),
                (fault.Code, fault.Message));
        }
    }

    [Fact]
    public void A_sparse_file_beyond_the_limit_takes_no_memory()
    {
        using TemporaryFolder folder = new();
        using (FileStream sparse = File.Create(folder["sparse"]))
            sparse.SetLength(100L << 30);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(SeverityError.ModelInvalid, Refused(folder["sparse"], limit: long.MaxValue).Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Each_fault_has_its_error_and_its_remedy()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["empty"], "");
        SeverityException missing = Refused(folder["none/x"]), named = Refused(folder.Path), empty = Refused(folder["empty"]);
        Assert.Equal(
            (SeverityError.ModelNotFound, $"{folder["none/x"]}: no such model file; check the path"), (missing.Code, missing.Message));
        Assert.Equal((SeverityError.FileUnreadable, $"{folder.Path}: is a folder, not a model file; name the one in it"),
            (named.Code, named.Message));
        Assert.Equal((SeverityError.FileEmpty, $"{folder["empty"]}: the file is empty; copy it again"), (empty.Code, empty.Message));
        Assert.Equal(SeverityError.FileUnreadable, Refused("").Code);
        Assert.Equal(SeverityError.FileUnreadable, Refused("a\0b").Code);
        Assert.Empty(WholeFile.Read(folder["empty"], FileKind.Any, 10));
    }

    [Fact]
    public void A_file_without_the_right_to_read_it_says_so()
    {
        SeverityException fault = WholeFile.Fault("x", new UnauthorizedAccessException("Access to the path 'x' is denied."), s_kind);
        Assert.Equal((SeverityError.FileUnreadable,
            "x: cannot be read: there is no permission to; change the model file's rights, or ask its owner"), (fault.Code, fault.Message));
    }

    [Fact]
    public void A_file_that_another_keeps_for_itself_says_so_and_one_that_is_read_may_be_replaced()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["x"], "old");
        using (new FileStream(folder["x"], FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            Assert.Contains("another program", Refused(folder["x"]).Message, StringComparison.Ordinal);
        File.WriteAllText(folder["y"], "new");
        using FileStream reading = WholeFile.Open(folder["x"], s_kind);
        File.Move(folder["y"], folder["x"], overwrite: true);
        Assert.Equal("old", new StreamReader(reading).ReadToEnd());
    }

    [Fact]
    public void Pipes_and_devices_are_told_from_files_without_being_opened()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["x"], "");
        foreach (string plain in (string[])[folder["x"], folder.Path, folder["none"]])
            Assert.False(FileStatus.IsSpecial(plain), plain);
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(0, Command.Run("mkfifo", ["pipe"], folder.Path).ExitCode);
        File.CreateSymbolicLink(folder["link"], folder["pipe"]);
        foreach (string special in (string[])[folder["pipe"], folder["link"], "/dev/null"])
            Assert.True(FileStatus.IsSpecial(special), special);
        SeverityException endless = Refused("/dev/zero");
        Assert.Equal(SeverityError.ModelInvalid, endless.Code);
    }

    [Fact]
    public void A_stream_that_fails_is_named()
    {
        // EIO, whose words are the C library's; and an error that only .NET has words for.
        foreach ((int code, string words) in ((int, string)[])[(5, "Input/output error"), (0, "the system gives no reason")])
        {
            using Pieces pieces = new(new byte[100], -1, failsAt: 50) { Error = code };
            SeverityException fault = Assert.Throws<SeverityException>(() => WholeFile.Read(pieces, "pieces", s_kind, 1000));
            Assert.Equal(SeverityError.FileUnreadable, fault.Code);
            if (OperatingSystem.IsLinux() || code == 0)
                Assert.StartsWith($"pieces: cannot be read: {words};", fault.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>A stream that gives a few bytes at a time and claims any length; a negative one for none.</summary>
    sealed class Pieces(byte[] content, long claimed, int failsAt = int.MaxValue) : Stream
    {
        public int Error { get; init; }

        int _at;

        public override bool CanRead => true;

        public override bool CanSeek => claimed >= 0;

        public override bool CanWrite => false;

        public override long Length => claimed;

        public override long Position { get => 0; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_at >= failsAt)
                throw Error > 0 ? new IOException("the disk is broken.", Error) : new IOException("the disk is broken.");
            int read = Math.Min(Math.Min(count, 10_000), Math.Min(content.Length, failsAt) - _at);
            content.AsSpan(_at, read).CopyTo(buffer.AsSpan(offset));
            _at += read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
