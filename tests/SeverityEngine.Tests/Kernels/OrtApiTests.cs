using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using SeverityEngine.Kernels;

namespace SeverityEngine.Tests.Kernels;

public class OrtApiTests
{
    [Fact]
    public void The_table_and_the_operators_fields_are_where_the_runtimes_own_header_has_them()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the header is compiled with gcc, on Linux");
        string include = typeof(OrtApiTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "OnnxRuntimeHeaders").Value!;
        Dictionary<string, int> expected = Enum.GetNames<OrtApi.Place>()
            .ToDictionary(n => $"OrtApi.{n}", n => (int)Enum.Parse<OrtApi.Place>(n) * 8);
        foreach (FieldInfo field in typeof(OrtCustomOp).GetFields(BindingFlags.Public | BindingFlags.Instance))
        {
            string name = field.Name == "Version" ? "version" : field.Name;
            expected.Add($"OrtCustomOp.{name}", (int)Marshal.OffsetOf<OrtCustomOp>(field.Name));
        }
        expected.Add("sizeof", Marshal.SizeOf<OrtCustomOp>());

        using TemporaryFolder folder = new();
        string source = Path.Combine(folder.Path, "offsets.c"), program = Path.Combine(folder.Path, "offsets");
        File.WriteAllText(source, $$"""
            #include <stddef.h>
            #include <stdio.h>
            #include "onnxruntime_c_api.h"
            int main(void)
            {
            {{string.Concat(expected.Keys.Where(k => k != "sizeof").Select(
                k => $"    printf(\"{k} %zu\\n\", offsetof({k.Replace(".", ", ", StringComparison.Ordinal)}));\n"))}}
                printf("sizeof %zu\n", sizeof(OrtCustomOp));
                return 0;
            }
            """);
        Assert.Equal("", Run("gcc", "-I", include, source, "-o", program));
        Dictionary<string, int> found = Run(program).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
            .ToDictionary(parts => parts[0], parts => int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(expected, found);
    }

    static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
