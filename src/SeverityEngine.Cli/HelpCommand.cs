using System.CommandLine;
using SeverityEngine.Cli.CommandLine;

namespace SeverityEngine.Cli;

/// <summary><c>severity help</c>: the same as <c>--help</c>, as other programs have it too.</summary>
static class HelpCommand
{
    public static Command Create(RootCommand root)
    {
        Argument<string[]> names = new("COMMAND")
        {
            Description = "The command, for example: model import.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<bool> man = new("--man") { Description = "Print all of it as a manual page: severity help --man > severity.1." };
        Command command = new("help", "Shows the options of a command.") { names, man };
        command.SetAction(parsed =>
        {
            if (!parsed.GetValue(man))
                return Show(root, parsed.GetValue(names)!);
            Console.Write(ManualPage.Of(root));
            return 0;
        });
        return command;
    }

    static int Show(RootCommand root, string[] names)
    {
        ParseResult asked = root.Parse(names);
        if (UnknownCommand.Fault(asked) is { } fault)
            throw new SeverityException(SeverityError.InvalidArgument, fault);
        return root.Parse([.. names, "--help"]).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }
}
