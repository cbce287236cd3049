using System.CommandLine;
using System.Text;

namespace SeverityEngine.Cli.CommandLine;

/// <summary>
/// Scripts for shells, made from the same commands and options as <c>--help</c>. What is no command, option or listed value is left to the
/// shell's own completion of files.
/// </summary>
static class CompletionScript
{
    /// <summary>A command with what may follow it.</summary>
    /// <param name="Path">The words that lead to it, without the program's.</param>
    /// <param name="Words">Commands below it and options.</param>
    /// <param name="Values">The values of each option that has a list of them.</param>
    readonly record struct Node(string Path, string[] Words, IReadOnlyList<(string[] Names, string[] Values)> Values);

    public static string For(string shell, RootCommand root)
    {
        Node[] nodes = [.. Walk(root, "")];
        return shell switch
        {
            "bash" => Bash(nodes),
            "zsh" => "#compdef severity\nautoload -U +X bashcompinit && bashcompinit\n" + Bash(nodes),
            "fish" => Fish(nodes),
            _ => PowerShell(nodes),
        };
    }

    static IEnumerable<Node> Walk(Command command, string path)
    {
        Option[] options = [.. command.Options.Where(o => !o.Hidden)];
        yield return new Node(
            path,
            [.. command.Subcommands.Select(c => c.Name), .. Choices(command.Arguments.FirstOrDefault()?.HelpName),
                .. options.SelectMany(Names).Where(name => name.StartsWith("--", StringComparison.Ordinal))],
            [.. options.Select(o => (Names(o).ToArray(), Choices(o.HelpName))).Where(o => o.Item2.Length > 0)]);
        foreach (Node below in command.Subcommands.SelectMany(c => Walk(c, $"{path} {c.Name}".TrimStart())))
            yield return below;
    }

    static IEnumerable<string> Names(Option option) => [option.Name, .. option.Aliases.Where(a => a != option.Name)];

    /// <summary>The values that a help name lists: <c>text|json</c>. Words in capitals stand for something else.</summary>
    static string[] Choices(string? help) =>
        help is not null && help.Contains('|') ? [.. help.Split('|').Where(v => !v.AsSpan().ContainsAnyInRange('A', 'Z'))] : [];

    static string Bash(Node[] nodes)
    {
        StringBuilder script = new("""
            _severity() {
                local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" path="" word i
                for ((i = 1; i < COMP_CWORD; i++)); do
                    word="${COMP_WORDS[i]}"
                    case "${path:+$path }$word" in

            """);
        script.Append("            ").AppendJoin('|', nodes.Skip(1).Select(n => $"'{n.Path}'"))
            .Append(") path=\"${path:+$path }$word\" ;;\n");
        script.Append("        esac\n    done\n    case \"$path:$previous\" in\n");
        foreach (Node node in nodes)
        {
            foreach ((string[] names, string[] values) in node.Values)
            {
                script.Append("        ").AppendJoin('|', names.Select(n => $"'{node.Path}:{n}'"))
                    .Append(") COMPREPLY=($(compgen -W '").AppendJoin(' ', values).Append("' -- \"$current\")); return ;;\n");
            }
        }
        script.Append("    esac\n    case \"$path\" in\n");
        foreach (Node node in nodes)
        {
            script.Append($"        '{node.Path}') COMPREPLY=($(compgen -W '").AppendJoin(' ', node.Words)
                .Append("' -- \"$current\")) ;;\n");
        }
        return script.Append("    esac\n}\ncomplete -o default -o bashdefault -F _severity severity\n").ToString();
    }

    static string Fish(Node[] nodes)
    {
        StringBuilder script = new("""
            function __severity_at
                set -l words (commandline -opc) ; set -e words[1]
                set -l path
                for word in $words
                    string match -q -- '-*' $word; and continue
                    set path $path $word
                    contains -- "$path" $__severity_paths; or set -e path[-1]
                end
                test "$path" = "$argv"
            end

            """);
        script.Append("set -g __severity_paths ").AppendJoin(' ', nodes.Skip(1).Select(n => $"'{n.Path}'")).Append('\n');
        foreach (Node node in nodes)
        {
            string at = $"complete -c severity -n \"__severity_at {node.Path}\"".Replace(" \"", "\"", StringComparison.Ordinal)
                .Replace("-n\"", "-n \"", StringComparison.Ordinal);
            foreach (string word in node.Words)
            {
                script.Append(at).Append(word.StartsWith("--", StringComparison.Ordinal)
                    ? $" -l {word[2..]}{ValuesOf(node, word)}\n" : $" -a {word}\n");
            }
        }
        return script.ToString();

        static string ValuesOf(Node node, string option) =>
            node.Values.FirstOrDefault(v => v.Names.Contains(option)).Values is { } values ? $" -x -a '{string.Join(' ', values)}'" : "";
    }

    static string PowerShell(Node[] nodes)
    {
        StringBuilder script = new("$severityWords = @{\n");
        foreach (Node node in nodes)
            script.Append($"    '{node.Path}' = @(").AppendJoin(", ", node.Words.Select(w => $"'{w}'")).Append(")\n");
        script.Append("}\n$severityValues = @{\n");
        foreach (Node node in nodes)
        {
            foreach ((string[] names, string[] values) in node.Values)
            {
                foreach (string name in names)
                    script.Append($"    '{node.Path}:{name}' = @(").AppendJoin(", ", values.Select(v => $"'{v}'")).Append(")\n");
            }
        }
        return script.Append("""
            }
            Register-ArgumentCompleter -Native -CommandName severity -ScriptBlock {
                param($current, $ast, $position)
                $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
                if ($current -and $words.Count -gt 0) { $words = @($words | Select-Object -SkipLast 1) }
                $path = ''
                foreach ($word in $words) {
                    $next = "$path $word".Trim()
                    if ($severityWords.ContainsKey($next)) { $path = $next }
                }
                $known = $severityValues["${path}:$($words | Select-Object -Last 1)"]
                if (-not $known) { $known = $severityWords[$path] }
                $known | Where-Object { $_ -like "$current*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
            }

            """).ToString();
    }
}
