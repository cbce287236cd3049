using System.CommandLine;
using System.Globalization;
using System.Text;

namespace SeverityEngine.Cli.CommandLine;

/// <summary>The manual page, in the man macros of troff, made from the same commands and options as <c>--help</c>.</summary>
static class ManualPage
{
    public static string Of(RootCommand root)
    {
        StringBuilder page = new();
        page.Append(CultureInfo.InvariantCulture, $".TH SEVERITY 1 \"\" \"severity {SeverityRuntime.EngineVersion}\" \"User Commands\"\n")
            .Append(".SH NAME\nseverity \\- scores the severity of pneumonia on frontal chest X\\-rays\n")
            .Append(".SH SYNOPSIS\n.B severity\n.I COMMAND\n[\\fIOPTION\\fR]...\n")
            .Append(".SH DESCRIPTION\n").Append(Text(root.Description!)).Append('\n')
            .Append(".SH COMMANDS\n");
        foreach (Command command in root.Subcommands)
            Append(page, command, "severity");
        page.Append(".SH EXIT STATUS\n");
        foreach (IGrouping<int, SeverityError> errors in Enum.GetValues<SeverityError>().GroupBy(e => e.ExitCode()).OrderBy(g => g.Key))
        {
            page.Append(CultureInfo.InvariantCulture, $".TP\n{errors.Key}\n")
                .Append(Text(errors.Key == 0 ? "success" : string.Join(", ", errors.Select(e => e.Name())))).Append('\n');
        }
        return page.Append(".TP\n130, 143\nended by Ctrl\\-C, by SIGTERM\n")
            .Append(".SH ENVIRONMENT\n.TP\nSEVERITY_MODEL\nthe model, where \\-\\-model is not given\n")
            .Append(".TP\nSEVERITY_HOME\nwhere installed models are kept\n")
            .Append(".TP\nSEVERITY_RUNTIME_CACHE\noff: ONNX Runtime is loaded from memory, and no copy of it is kept\n")
            .ToString();
    }

    static void Append(StringBuilder page, Command command, string before)
    {
        string path = $"{before} {command.Name}";
        page.Append(".SS \"").Append(Text(path));
        foreach (Argument argument in command.Arguments)
            page.Append(' ').Append(Text(Named(argument)));
        page.Append("\"\n").Append(Text(command.Description!)).Append('\n');
        foreach (Argument argument in command.Arguments)
            Append(page, Named(argument), argument.Description);
        foreach (Option option in command.Options.Where(o => !o.Hidden))
        {
            string names = string.Join(", ", option.Aliases.Prepend(option.Name).Distinct());
            Append(page, option.HelpName is null ? names : $"{names} {option.HelpName}", option.Description);
        }
        foreach (Command below in command.Subcommands)
            Append(page, below, path);
    }

    static void Append(StringBuilder page, string name, string? description) =>
        page.Append(".TP\n.B \"").Append(Text(name)).Append("\"\n").Append(Text(description ?? "")).Append('\n');

    static string Named(Argument argument) => argument.HelpName ?? argument.Name;

    /// <summary>Text as troff takes it: no hyphen is one, no backslash an escape, no line a macro.</summary>
    static string Text(string text)
    {
        string escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("\"", "\\(dq", StringComparison.Ordinal).Replace("'", "\\(aq", StringComparison.Ordinal);
        return escaped.StartsWith('.') ? $"\\&{escaped}" : escaped.Replace("\n.", "\n\\&.", StringComparison.Ordinal);
    }
}
