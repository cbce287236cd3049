using System.Text.Json;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>The published <c>severity dicom listen</c> as a process, on a free port.</summary>
sealed partial class Receiver : RunningCommand
{
    readonly string _folder;

    /// <summary>Starts it, and waits until it listens.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="arguments">Its options, but for the folder and the port.</param>
    /// <param name="port">Its port; 0 for one that the system chooses.</param>
    public Receiver(string folder, string[] arguments, int port = 0)
        : base(["dicom", "listen", "--out", folder, "--port", $"{port}", .. arguments], " listens on ")
    {
        _folder = folder;
        Match said = PortSaid().Match(Said);
        Assert.True(said.Success, Said);
        Port = int.Parse(said.Groups[1].Value);
    }

    public int Port { get; }

    public JsonElement[] Rows => RowsOf(_folder);

    /// <summary>Memory that the process holds now, in bytes.</summary>
    public long Memory => Command.Memory(Id);

    /// <summary>The whole rows of a folder.</summary>
    public static JsonElement[] RowsOf(string folder) => RowsIn(Path.Combine(folder, "rows.jsonl"));

    public static string[] Received(string folder) =>
        [.. Directory.GetFiles(Path.Combine(folder, "received")).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    public void WaitForRows(int count)
    {
        int there = 0;
        Assert.True(Until(() => (there = Rows.Length) >= count), $"{there} rows of {count}:\n{Said}");
        Assert.Equal(count, there);
    }

    /// <summary>Requires that a tool of DCMTK, or another program, is installed; <c>build.sh test</c> sees to it.</summary>
    public static string Tool(string name)
    {
        bool isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
            .Any(folder => File.Exists(Path.Combine(folder, name)));
        if (!isThere)
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"{name} is not installed");
        Assert.SkipUnless(isThere, $"{name} is not installed");
        return name;
    }

    /// <summary>Has DCMTK's storescu send a folder's files.</summary>
    public CommandResult Store(params string[] files) => Store(Port, files);

    public static CommandResult Store(int port, params string[] files) => Command.Run(Tool("storescu"),
        ["-v", "-aet", "SENDER", "-aec", "SEVERITY", "+sd", "127.0.0.1", $"{port}", .. files]);

    [GeneratedRegex(@" port (\d+) for ")]
    private static partial Regex PortSaid();
}
