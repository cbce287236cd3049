using SeverityEngine.IO;
using SeverityEngine.Tests;

namespace SeverityEngine.Core.Tests.IO;

public class AtomicFileTests
{
    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "no-such-folder", "model.onnx");
        SeverityException fault = Assert.Throws<SeverityException>(() => AtomicFile.Write(path, [1, 2, 3]));
        Assert.Equal(SeverityError.FileUnwritable, fault.Code);
        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_takes_the_place_of_an_older_one_and_leaves_nothing_beside_it()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "model.onnx");
        File.WriteAllText(path, "older");
        AtomicFile.Write(path, [1, 2, 3]);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }
}
