using System.Text;
using SeverityEngine.Tests;

namespace SeverityEngine.Dicom.Tests;

/// <summary>What DCMTK and dicom3tools, which share no code with the engine, read in a result.</summary>
static class Dump
{
    /// <summary>Runs a program on files; skips the test where it is not installed, which <c>build.sh test</c> sees to.</summary>
    public static (int ExitCode, string Text) Run(string program, params string[] arguments)
    {
        bool isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
        if (!isThere)
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"{program} is not installed");
        Assert.SkipUnless(isThere, $"{program} is not installed");
        CommandResult result = Command.Run(program, arguments);
        return (result.ExitCode, result.Output + result.Error);
    }

    /// <summary>The values of an attribute at any level, as dcmdump prints them; without brackets.</summary>
    public static string[] Values(byte[] file, string tag)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["x.dcm"], file);
        return [.. Run("dcmdump", "+L", "-Un", "+P", tag, folder["x.dcm"]).Text.Split('\n')
            .Where(line => line.TrimStart().StartsWith('('))
            .Select(line => line[(line.IndexOf(')', StringComparison.Ordinal) + 5)..].Split(" #")[0].Trim().Trim('[', ']'))];
    }

    /// <summary>All bytes as text, a character a byte.</summary>
    public static string Bytes(byte[] file) => Encoding.Latin1.GetString(file);
}
