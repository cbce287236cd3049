namespace SeverityEngine.Tests;

/// <summary>A folder of JavaScript that tests run with Node, with the packages of its lock file.</summary>
static class NodeFolder
{
    static readonly Lock s_installing = new();

    /// <summary>Installs the packages of the folder's lock file, once for each state of it.</summary>
    public static void Install(string folder)
    {
        lock (s_installing)
        {
            string stamp = Path.Combine(folder, "node_modules", ".installed");
            string wanted = File.ReadAllText(Path.Combine(folder, "package-lock.json"));
            if (File.Exists(stamp) && File.ReadAllText(stamp) == wanted)
                return;
            CommandResult run = Command.Run(Tool("npm"), ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], folder, Environment());
            Assert.True(run.ExitCode == 0, $"npm ci in {folder} ended with {run.ExitCode}: {run.Error}");
            File.WriteAllText(stamp, wanted);
        }
    }

    /// <summary>Runs a script of the folder.</summary>
    public static CommandResult Run(string folder, string script, params string[] arguments) =>
        Command.Run(Tool("node", "nodejs"), [Path.Combine(folder, script), .. arguments], environment: Environment());

    /// <summary>The path of a program; a machine without it fails, with what to install.</summary>
    /// <param name="name">The program.</param>
    /// <param name="package">Debian's package of it, where its name is another.</param>
    public static string Tool(string name, string? package = null)
    {
        string? path = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.True(path is not null, $"{name} is not there, and this is tested with it; Debian: apt-get install {package ?? name}");
        return path!;
    }

    static Dictionary<string, string> Environment() => System.Environment.GetEnvironmentVariables()
        .Cast<System.Collections.DictionaryEntry>().ToDictionary(v => (string)v.Key, v => (string)v.Value!);
}
