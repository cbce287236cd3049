using System.Text.Json;
using SeverityEngine.Tests;

namespace SeverityEngine.Evaluation.Tests.Report;

/// <summary>Opens a page in headless Chromium, which playwright-core drives, and reports what it found.</summary>
static class BrowserRun
{
    static readonly Lock s_installing = new();

    static string Folder => Path.Combine(TestData.RepositoryRoot, "tests", "SeverityEngine.Evaluation.Tests", "browser");

    /// <summary>Runs <c>inspect.mjs</c>; a machine without the tools fails, with what to install.</summary>
    public static JsonElement Inspect(string page)
    {
        Install();
        CommandResult run = Command.Run(
            Tool("node"), [Path.Combine(Folder, "inspect.mjs"), Tool("chromium"), page], environment: Environment());
        Assert.True(run.ExitCode == 0, $"inspect.mjs ended with {run.ExitCode}: {run.Error}");
        return JsonDocument.Parse(run.Output).RootElement;
    }

    /// <summary>The packages of the lock file, once for each state of it.</summary>
    static void Install()
    {
        lock (s_installing)
        {
            string stamp = Path.Combine(Folder, "node_modules", ".installed");
            string wanted = File.ReadAllText(Path.Combine(Folder, "package-lock.json"));
            if (File.Exists(stamp) && File.ReadAllText(stamp) == wanted)
                return;
            CommandResult run = Command.Run(Tool("npm"), ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], Folder, Environment());
            Assert.True(run.ExitCode == 0, $"npm ci in {Folder} ended with {run.ExitCode}: {run.Error}");
            File.WriteAllText(stamp, wanted);
        }
    }

    static Dictionary<string, string> Environment() => System.Environment.GetEnvironmentVariables()
        .Cast<System.Collections.DictionaryEntry>().ToDictionary(v => (string)v.Key, v => (string)v.Value!);

    static string Tool(string name)
    {
        string? path = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.True(path is not null, $"{name} is not there, and the report is tested in a browser; "
            + "Debian: apt-get install nodejs npm chromium");
        return path!;
    }
}
