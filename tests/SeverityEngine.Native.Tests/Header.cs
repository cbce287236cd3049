using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SeverityEngine.Tests;

namespace SeverityEngine.Native.Tests;

/// <summary>severity.h, read as text: what it declares.</summary>
static partial class Header
{
    public static string Path => System.IO.Path.Combine(TestData.RepositoryRoot, "src", "SeverityEngine.Native", "include", "severity.h");

    static string Code { get; } = Comment().Replace(File.ReadAllText(Path), "");

    public static int AbiVersion => int.Parse(VersionLine().Match(Code).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>Each function as it is declared, in one line, in the header's order.</summary>
    public static IReadOnlyList<string> Signatures { get; } =
        [.. Function().Matches(Code).Select(m => Space().Replace(m.Groups[1].Value, " ").Replace("( ", "("))];

    public static IReadOnlyList<string> Functions { get; } = [.. Signatures.Select(s => FunctionName().Match(s).Groups[1].Value)];

    /// <summary>The callbacks' types.</summary>
    public static IReadOnlyList<string> Callbacks { get; } =
        [.. Callback().Matches(Code).Select(m => Space().Replace(m.Groups[1].Value, " "))];

    /// <summary>The structures: their names and their fields, each with its type.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<(string Type, string Name)> Fields)> Structs { get; } =
        [.. Struct().Matches(Code).Select(m => (m.Groups[2].Value, (IReadOnlyList<(string, string)>)[.. Field().Matches(
        m.Groups[1].Value).Select(f => (f.Groups[1].Value.Trim(), f.Groups[2].Value))]))];

    /// <summary>The names of the constants that enums define.</summary>
    public static IReadOnlyList<string> Constants { get; } = [.. Constant().Matches(Code).Select(m => m.Groups[1].Value)];

    /// <summary>A program in C that prints every constant's value and every structure's size and offsets.</summary>
    public static string LayoutProgram()
    {
        StringBuilder code = new("#include \"severity.h\"\n#include <stdio.h>\nint main(void)\n{\n");
        foreach (string constant in Constants)
            code.AppendLine($"    printf(\"constant {constant} %d\\n\", {constant});");
        foreach ((string name, IReadOnlyList<(string Type, string Name)> fields) in Structs)
        {
            code.AppendLine($"    printf(\"size {name} %d\\n\", (int)sizeof({name}));");
            foreach ((string type, string field) in fields)
                code.AppendLine($"    printf(\"field {name}.{field} at %d of %d: {type}\\n\", "
                    + $"(int)offsetof({name}, {field}), (int)sizeof((({name} *)0)->{field}));");
        }
        return code.AppendLine("    return 0;\n}").ToString();
    }

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"#define SEVERITY_ABI_VERSION (\d+)")]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"^SEVERITY_API ([^;]+);", RegexOptions.Multiline)]
    private static partial Regex Function();

    [GeneratedRegex(@"(severity_\w+)\(")]
    private static partial Regex FunctionName();

    [GeneratedRegex(@"^typedef ([^;{]*\(\*severity_\w+\)[^;]*);", RegexOptions.Multiline)]
    private static partial Regex Callback();

    [GeneratedRegex(@"^typedef struct severity_\w+ \{(.*?)\} (severity_\w+);", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Struct();

    [GeneratedRegex(@"^\s*([^;]*?)(\w+);", RegexOptions.Multiline)]
    private static partial Regex Field();

    [GeneratedRegex(@"^    (SEVERITY_\w+) = -?\d+", RegexOptions.Multiline)]
    private static partial Regex Constant();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
