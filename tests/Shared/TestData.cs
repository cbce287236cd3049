namespace SeverityEngine.Tests;

/// <summary>
/// Where tests find the optional reference data: the folder named by SEVERITY_TEST_DATA, else <c>../shared</c> beside the repository.
/// Tests that need it are skipped with a line that says so where it is absent; with CI set they fail instead.
/// </summary>
static class TestData
{
    public static string RepositoryRoot { get; } = FindRoot();

    static string Root { get; } =
        Environment.GetEnvironmentVariable("SEVERITY_TEST_DATA") is { Length: > 0 } named
            ? named
            : Path.Combine(RepositoryRoot, "..", "shared");

    /// <summary>The path of a file or folder of the reference data; skips the test where it is absent.</summary>
    public static string Get(params string[] parts)
    {
        string path = Path.GetFullPath(Path.Combine([Root, .. parts]));
        if (!Path.Exists(path))
        {
            string line = $"reference data not found: {path} (set SEVERITY_TEST_DATA to the folder that holds {string.Join('/', parts)})";
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", line);
            Assert.Skip(line);
        }
        return path;
    }

    /// <summary>The same for tests that have something in its place; null where it is absent.</summary>
    public static string? Find(params string[] parts)
    {
        string path = Path.GetFullPath(Path.Combine([Root, .. parts]));
        return Path.Exists(path) ? path : null;
    }

    static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SeverityEngine.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException($"no SeverityEngine.sln above {AppContext.BaseDirectory}");
    }
}
