namespace SeverityEngine.Tests;

/// <summary>Files in the repository that are outputs of tests: compared, or with SEVERITY_UPDATE=1 written anew.</summary>
static class Updated
{
    public static void AssertFile(string path, string expected)
    {
        if (Environment.GetEnvironmentVariable("SEVERITY_UPDATE") == "1")
            File.WriteAllText(path, expected);
        Assert.True(File.Exists(path), $"{path} is not there; SEVERITY_UPDATE=1 and this test write it");
        Assert.Equal(expected, File.ReadAllText(path).ReplaceLineEndings("\n"));
    }
}
