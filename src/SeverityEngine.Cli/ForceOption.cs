using System.CommandLine;

namespace SeverityEngine.Cli;

/// <summary>The leave to replace what an output would else be refused for; never an input.</summary>
static class ForceOption
{
    public static Option<bool> Create() => new("--force")
    {
        Description = "Replace what stands in an output's place, whatever it is: somebody else's file, or the rows of earlier runs. "
            + "What is read is never replaced.",
    };
}
