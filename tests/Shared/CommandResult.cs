namespace SeverityEngine.Tests;

/// <summary>What a finished process left.</summary>
sealed record CommandResult(int ExitCode, string Output, string Error, TimeSpan Elapsed)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
