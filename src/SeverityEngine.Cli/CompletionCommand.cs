using System.CommandLine;
using SeverityEngine.Cli.CommandLine;

namespace SeverityEngine.Cli;

/// <summary><c>severity completion</c>: scripts by which shells complete commands and options.</summary>
static class CompletionCommand
{
    public static Command Create(RootCommand root)
    {
        Argument<string> shell = new("SHELL") { Description = "The shell.", HelpName = "bash|zsh|fish|pwsh" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        Command command = new("completion", "Prints a script by which a shell completes commands and options: "
            + "source <(severity completion bash); severity completion fish | source.")
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            Console.Write(CompletionScript.For(parsed.GetValue(shell)!, root));
            return 0;
        });
        return command;
    }
}
