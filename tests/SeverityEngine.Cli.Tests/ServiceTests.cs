using SeverityEngine.Tests;

namespace SeverityEngine.Cli.Tests;

/// <summary>The units that run the command as a service.</summary>
public class ServiceTests
{
    [Theory]
    [InlineData("severity-dicom.service", "StateDirectory=severity")]
    [InlineData("severity-watch.service", "StateDirectory=severity-watch")]
    public void The_service_is_one_that_systemd_takes(string name, string state)
    {
        using TemporaryFolder folder = new();
        string unit = Path.Combine(TestData.RepositoryRoot, "packaging", "systemd", name);
        // The program need not be installed where it is tested.
        string copy = folder[name], text = File.ReadAllText(unit);
        Assert.Contains("ExecStart=/usr/bin/severity ", text, StringComparison.Ordinal);
        File.WriteAllText(copy, text.Replace("/usr/bin/severity ", $"{Command.Binary} ", StringComparison.Ordinal));
        CommandResult result = Command.Run(Receiver.Tool("systemd-analyze"), ["verify", "--man=no", copy]);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        // Each line that systemd does not know is a warning, with the exit code of success.
        Assert.DoesNotContain(name, result.Output + result.Error, StringComparison.Ordinal);
        foreach (string line in (string[])["DynamicUser=yes", "ProtectSystem=strict", state])
            Assert.Contains($"\n{line}\n", text, StringComparison.Ordinal);
    }
}
