using SeverityEngine.Models.Checkpoints;
using SeverityEngine.Tests;

namespace SeverityEngine.Models.Tests;

/// <summary>What everything that reads a file says where it cannot.</summary>
public class FileFaultTests
{
    static readonly WeightsFile s_weights = new("geo.pkl", "https://example.org/geo.pkl", 3, new string('0', 64), "MIT", "somebody");

    static readonly Dictionary<string, Action<string>> s_readers = new()
    {
        ["image"] = path => ImageFile.Open(path).Dispose(),
        ["small image"] = path => ImageFile.Open(path, new ImageLimits { MaxFileBytes = 3 }).Dispose(),
        ["found image"] = path => ImageFile.OpenFound(path).Dispose(),
        ["decoded image"] = path => XRayImage.Load(path).Dispose(),
        ["model"] = path => ModelFile.Load(path),
        ["checkpoint"] = path => CheckpointFile.Read(path),
        ["perceptron"] = path => MlpHead.Read(path),
        ["regression"] = path => RegressionHead.Read(path),
        ["weights"] = path => WeightsFile.ReadAny(path),
        ["published weights"] = path => s_weights.Read(path),
        ["catalog"] = path => ModelCatalog.Load(path),
    };

    public static TheoryData<string> Readers => [.. s_readers.Keys];

    static SeverityException Refused(string reader, string path)
    {
        SeverityException fault = Assert.Throws<SeverityException>(() => s_readers[reader](path));
        Assert.StartsWith(path, fault.Message, StringComparison.Ordinal);
        return fault;
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_file_that_is_not_there_is_named(string reader)
    {
        using TemporaryFolder folder = new();
        foreach (string path in (string[])[folder["none"], folder["none/none"]])
        {
            SeverityException fault = Refused(reader, path);
            Assert.Equal(reader == "model" ? SeverityError.ModelNotFound : SeverityError.FileNotFound, fault.Code);
            Assert.EndsWith("file; check the path", fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_folder_in_the_place_of_a_file_is_named(string reader)
    {
        using TemporaryFolder folder = new();
        SeverityException fault = Refused(reader, folder.Path);
        Assert.Equal(reader == "model" ? SeverityError.ModelNotFound : SeverityError.FileUnreadable, fault.Code);
        Assert.Contains("is a folder, not a", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_file_that_another_keeps_for_itself_is_named(string reader)
    {
        using TemporaryFolder folder = new();
        using FileStream kept = new(folder["x"], FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        SeverityException fault = Refused(reader, folder["x"]);
        Assert.Equal(reader == "model" ? SeverityError.ModelNotFound : SeverityError.FileUnreadable, fault.Code);
        Assert.Contains("another program keeps it", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_file_beyond_the_limit_is_refused_before_memory_is_taken(string reader)
    {
        using TemporaryFolder folder = new();
        using (FileStream sparse = File.Create(folder["sparse"]))
            sparse.SetLength(3L << 30);
        long before = GC.GetAllocatedBytesForCurrentThread();
        SeverityException fault = Refused(reader, folder["sparse"]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        SeverityError code = reader switch
        {
            "model" => SeverityError.ModelInvalid,
            "published weights" => SeverityError.VerificationFailed,
            _ => SeverityError.FileTooLarge,
        };
        Assert.Equal(code, fault.Code);
        Assert.Contains("is larger than", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void An_empty_file_is_refused_by_all_who_need_what_is_in_it(string reader)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["empty"], "");
        // What weights and a model are shows when they are parsed.
        if (reader is "weights" or "model")
            s_readers[reader](folder["empty"]);
        else
            Refused(reader, folder["empty"]);
    }

    [Theory]
    [InlineData("model", SeverityError.ModelInvalid)]
    [InlineData("checkpoint", SeverityError.CheckpointInvalid)]
    [InlineData("perceptron", SeverityError.CheckpointInvalid)]
    [InlineData("regression", SeverityError.CheckpointInvalid)]
    public void A_pointer_that_Git_LFS_leaves_in_a_files_place_is_named(string reader, SeverityError code)
    {
        using TemporaryFolder folder = new();
        // As the specification has it: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md.
        File.WriteAllText(folder["x"], "version https://git-lfs.github.com/spec/v1\n"
            + "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n");
        SeverityException fault = Refused(reader, folder["x"]);
        Assert.Equal(code, fault.Code);
        Assert.Contains("is a Git LFS pointer", fault.Message, StringComparison.Ordinal);
        Assert.Contains("git lfs pull", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_may_come_through_a_pipe()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs mkfifo");
        using TemporaryFolder folder = new();
        Assert.Equal(0, Command.Run("mkfifo", ["pipe"], folder.Path).ExitCode);
        byte[] model = ModelFile.BuiltIn().Bytes.ToArray();
        Task writing = Task.Run(() => File.WriteAllBytes(folder["pipe"], model), TestContext.Current.CancellationToken);
        ModelFile read = ModelFile.Load(folder["pipe"]);
        Assert.True(read.Bytes.SequenceEqual(model));
        Assert.Same(read, read.Origin.Reopen());
        await writing.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }
}
