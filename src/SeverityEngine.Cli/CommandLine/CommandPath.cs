using System.CommandLine;
using System.CommandLine.Parsing;

namespace SeverityEngine.Cli.CommandLine;

/// <summary>A command with those that it belongs to, as it is typed: <c>severity model import</c>.</summary>
static class CommandPath
{
    const string Program = "severity";

    public static string Of(ParseResult parsed)
    {
        Stack<string> names = [];
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult command; result = result.Parent)
            names.Push(command.Command is RootCommand ? Program : command.Command.Name);
        return string.Join(' ', names);
    }
}
