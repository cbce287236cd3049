using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Evaluation.Tests.Report;

/// <summary>Opens a page in headless Chromium, which playwright-core drives, and reports what it found.</summary>
static class BrowserRun
{
    static string Folder => Path.Combine(TestData.RepositoryRoot, "tests", "SeverityEngine.Evaluation.Tests", "browser");

    /// <summary>Runs <c>inspect.mjs</c>; a machine without the tools fails, with what to install.</summary>
    public static JsonElement Inspect(string page)
    {
        NodeFolder.Install(Folder);
        CommandResult run = NodeFolder.Run(Folder, "inspect.mjs", NodeFolder.Tool("chromium"), page);
        Assert.True(run.ExitCode == 0, $"inspect.mjs ended with {run.ExitCode}: {run.Error}");
        return JsonDocument.Parse(run.Output).RootElement;
    }
}
