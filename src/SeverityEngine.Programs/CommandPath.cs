using System.CommandLine;
using System.CommandLine.Parsing;

namespace SeverityEngine.Programs;

/// <summary>A command with those that it belongs to, as it is typed: <c>severity model import</c>.</summary>
static class CommandPath
{
    public static string Of(ParseResult parsed)
    {
        Stack<string> names = [];
        for (SymbolResult? result = parsed.CommandResult; result is CommandResult command; result = result.Parent)
            names.Push(command.Command is RootCommand ? Report.Program : command.Command.Name);
        return string.Join(' ', names);
    }
}
