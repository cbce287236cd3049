using System.Runtime.InteropServices;

namespace SeverityEngine.Comparison;

/// <summary>What a table was made on.</summary>
static class Machine
{
    public static string Processor
    {
        get
        {
            string[] lines = File.ReadAllLines("/proc/cpuinfo");
            string model = lines.FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?
                .Split(':', 2)[1].Trim() ?? "unknown processor";
            string flags = lines.FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal)) ?? "";
            string vectors = flags.Contains("avx512_vnni", StringComparison.Ordinal) ? "AVX-512 VNNI"
                : flags.Contains("avx_vnni", StringComparison.Ordinal) ? "AVX-VNNI"
                : flags.Contains("avx2", StringComparison.Ordinal) ? "AVX2" : RuntimeInformation.ProcessArchitecture.ToString();
            return $"{model}, {Environment.ProcessorCount} cores, {vectors}";
        }
    }

    public static string Versions(string severity) =>
        string.Join(", ", Commands.Run(severity, "version").Split('\n')[..2]) + $", .NET {Environment.Version}";
}
